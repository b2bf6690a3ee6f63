import type { SessionContext } from '../../../machines/session/context.js'
import { storyOf as storyIn } from '../../../machines/session/story.js'
import { importStories } from '../../wire/csv-import.js'
import { WireError } from '../../wire/errors.js'
import { storyOf } from '../../wire/project.js'
import { executeOrThrow } from '../execute.js'
import type { Handlers } from '../route.js'

/** Stories (contract section 9). Reading them is anybody's, writing the Scrum Master's. */
export const storyRoutes = {
  listStories: ({ host }) => storiesIn(host.snapshot.context),

  addStories: ({ services, host, by, body }) => {
    const { clock, ids } = services
    const drafts = body.map(({ title, link = null, notes = null }) => ({
      id: ids.storyId(),
      title,
      link,
      notes,
      estimate: null,
    }))
    const { snapshot } = executeOrThrow(host, { type: 'stories.add', at: clock.now(), by, drafts })
    const { stories, stories_version } = storiesIn(snapshot.context)
    return { stories: stories.slice(-drafts.length), stories_version }
  },

  importStories: ({ services, host, by, body, query }) => {
    const { clock, ids } = services
    const read = importStories(body, query.notes)
    if ('faults' in read) throw faultyTable(read.faults)
    const drafts = read.stories.map(({ title, link = null, notes = null, estimate }) => ({
      id: ids.storyId(),
      title,
      link,
      notes,
      estimate,
    }))
    const { snapshot } = executeOrThrow(host, { type: 'stories.add', at: clock.now(), by, drafts })
    return { imported: drafts.length, stories_version: snapshot.context.storiesVersion }
  },

  changeStory: ({ services, host, by, body, params }) => {
    const id = params.story_id
    const command = { type: 'stories.patch', at: services.clock.now(), by, storyId: id, patch: body } as const
    const { context } = executeOrThrow(host, command).snapshot
    const story = storyIn(context.stories, id)
    if (story === undefined) throw new Error('a story that was changed is not in the list')
    return {
      success: true,
      message: 'The story is changed.',
      story: storyOf(story),
      stories_version: context.storiesVersion,
    }
  },

  removeStory: ({ services, host, by, params }) => {
    const { story_id: storyId } = params
    const command = { type: 'stories.remove', at: services.clock.now(), by, storyId } as const
    const { context } = executeOrThrow(host, command).snapshot
    return { success: true, message: 'The story is deleted.', stories_version: context.storiesVersion }
  },

  orderStories: ({ services, host, by, body }) => {
    const command = { type: 'stories.order', at: services.clock.now(), by, storyIds: body.ids } as const
    return storiesIn(executeOrThrow(host, command).snapshot.context)
  },
} satisfies Partial<Handlers>

function storiesIn({ stories, storiesVersion }: SessionContext) {
  return { stories: stories.map(storyOf), stories_version: storiesVersion }
}

/** Faults that are named; a table may have one in each of its rows. */
const FAULTS_MAX = 200

/** Every row by its line, in the words of the import, and once more as issues are. */
function faultyTable(faults: readonly { readonly line: number; readonly message: string }[]): WireError {
  const rows = faults.slice(0, FAULTS_MAX)
  return new WireError('VALIDATION_ERROR', {
    detail: 'The table has faults; nothing of it was imported.',
    context: { rows, issues: rows.map(({ line, message }) => ({ path: `line ${line}`, message })) },
  })
}
