import type { UserId } from '../../../machines/ids.js'
import { statusOf } from '../../../machines/session/machine.js'
import { refusal } from '../../../machines/session/policy.js'
import { storyOf as storyIn } from '../../../machines/session/story.js'
import type { SessionHost } from '../../runtime/session-host.js'
import { importStories } from '../../wire/csv-import.js'
import type { RowFault } from '../../wire/csv-table.js'
import { WireError } from '../../wire/errors.js'
import { storyOf } from '../../wire/project.js'
import { refusalError } from '../../wire/refusals.js'
import type { Handlers } from '../route.js'
import { storiesIn } from '../session-lists.js'

/** Stories (contract section 9). Anybody may read them; only the Scrum Master may change them. */
export const storyRoutes = {
  listStories: ({ host }) => storiesIn(host.snapshot.context),

  addStories: ({ services, ids, by, body, execute }) => {
    const { clock } = services
    const drafts = body.map(({ title, link = null, notes = null }) => ({
      id: ids.storyId(),
      title,
      link,
      notes,
      estimate: null,
    }))
    return execute({ type: 'stories.add', at: clock.now(), by, drafts }, ({ snapshot }) => {
      const { stories, storiesVersion } = snapshot.context
      const added = new Set(drafts.map(({ id }) => id))
      return {
        stories: stories.filter(({ id }) => added.has(id)).map(storyOf),
        stories_version: storiesVersion,
      }
    })
  },

  importStories: ({ services, host, ids, by, body, query, carriedOut, execute }) => {
    const { clock } = services
    if (carriedOut === null) refuseBeforeReading(host, by)
    const read = importStories(body, query.notes)
    if ('faults' in read) throw faultyTable(read.faults)
    const drafts = read.stories.map(({ title, link = null, notes = null, estimate }) => ({
      id: ids.storyId(),
      title,
      link,
      notes,
      estimate,
    }))
    return execute({ type: 'stories.add', at: clock.now(), by, drafts }, ({ snapshot }) => ({
      imported: drafts.length,
      stories_version: snapshot.context.storiesVersion,
    }))
  },

  changeStory: ({ services, by, body, params, execute }) => {
    const id = params.story_id
    const command = { type: 'stories.patch', at: services.clock.now(), by, storyId: id, patch: body } as const
    return execute(command, ({ snapshot }) => {
      const { stories, storiesVersion } = snapshot.context
      const story = storyIn(stories, id)
      if (story === undefined) throw new Error('a story that was changed is not in the list')
      return {
        success: true,
        message: 'The story is changed.',
        story: storyOf(story),
        stories_version: storiesVersion,
      }
    })
  },

  removeStory: ({ services, by, params, execute }) => {
    const { story_id: storyId } = params
    const command = { type: 'stories.remove', at: services.clock.now(), by, storyId } as const
    return execute(command, ({ snapshot }) => ({
      success: true,
      message: 'The story is deleted.',
      stories_version: snapshot.context.storiesVersion,
    }))
  },

  orderStories: ({ services, by, body, execute }) => {
    const command = { type: 'stories.order', at: services.clock.now(), by, storyIds: body.ids } as const
    return execute(command, ({ snapshot }) => storiesIn(snapshot.context))
  },
} satisfies Partial<Handlers>

/** A table takes longer to read than anything else that is sent, so only from those who may add stories. */
function refuseBeforeReading({ snapshot, telemetry }: SessionHost, by: UserId): void {
  const position = { status: statusOf(snapshot), context: snapshot.context }
  const refused = refusal(position, { type: 'stories.add', by })
  if (refused === null) return
  telemetry.commands.refused += 1
  throw refusalError(refused)
}

/** Every row by its line, as the import reports it, and again in the form of issues. */
function faultyTable(rows: readonly RowFault[]): WireError {
  return new WireError('VALIDATION_ERROR', {
    detail: 'The table has faults; nothing was imported.',
    context: { rows, issues: rows.map(({ line, message }) => ({ path: `line ${line}`, message })) },
  })
}
