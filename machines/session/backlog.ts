import type { SessionCommandOf } from './commands.js'
import type { SessionContext } from './context.js'
import type { StoriesUpdated } from './events.js'
import { withoutStoryId } from './history.js'
import { accept, record } from './record.js'
import {
  isChangedBy,
  orderStories,
  patchStory,
  type Story,
  storyOf,
  withoutStory,
  withStories,
} from './story.js'

/** New stories at the end of the list. */
export function addStories(
  context: SessionContext,
  { at, drafts }: SessionCommandOf<'stories.add'>,
): SessionContext {
  const next = accept(context, at)
  if (drafts.length === 0) return next
  const added = drafts.map(({ id }) => id)
  return withStoryChanges(next, withStories(next.stories, drafts), { added })
}

/** An editor has changed a story. The round that is about it shows it as it is now; the history as it was. */
export function changeStory(
  context: SessionContext,
  { at, storyId, patch }: SessionCommandOf<'stories.patch'>,
): SessionContext {
  const next = accept(context, at)
  if (!next.stories.some((story) => story.id === storyId && isChangedBy(story, patch))) return next
  const stories = patchStory(next.stories, storyId, patch)
  return withStoryChanges(next, stories, { changed: [storyId] })
}

/** A story is gone. A round about it goes on, with its words and without its id. */
export function removeStory(
  context: SessionContext,
  { at, storyId }: SessionCommandOf<'stories.remove'>,
): SessionContext {
  const next = accept(context, at)
  const history = withoutStoryId(next.history, storyId)
  const stories = withoutStory(next.stories, storyId)
  return withStoryChanges({ ...next, history }, stories, { removed: [storyId] })
}

/** The stories stand in another order; the one they stand in changes nothing. */
export function reorderStories(
  context: SessionContext,
  { at, storyIds }: SessionCommandOf<'stories.order'>,
): SessionContext {
  const next = accept(context, at)
  if (next.stories.every(({ id }, place) => id === storyIds[place])) return next
  return withStoryChanges(next, orderStories(next.stories, storyIds), { isReordered: true })
}

/** The one door through which stories change: their version rises, everybody is told, and the round's story follows. */
export function withStoryChanges(
  context: SessionContext,
  stories: readonly Story[],
  { added = [], changed = [], removed = [], isReordered = false }: Partial<Omit<StoriesUpdated, 'type'>>,
): SessionContext {
  const told = { ...context, stories, storiesVersion: context.storiesVersion + 1 }
  return record(followed(told), { type: 'stories_updated', added, changed, removed, isReordered })
}

/** The round on the table shows its story as it is in the list. */
function followed(context: SessionContext): SessionContext {
  const { round, stories } = context
  if (round?.story?.id == null) return context
  const story = storyOf(stories, round.story.id)
  const shown =
    story === undefined
      ? { ...round.story, id: null }
      : { id: story.id, title: story.title, link: story.link }
  return { ...context, round: { ...round, story: shown } }
}
