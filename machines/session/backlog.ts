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

/** Adds stories to the end of the list. */
export function addStories(
  context: SessionContext,
  { at, drafts }: SessionCommandOf<'stories.add'>,
): SessionContext {
  const next = accept(context, at)
  if (drafts.length === 0) return next
  const added = drafts.map(({ id }) => id)
  return withStoryChanges(next, withStories(next.stories, drafts), { added })
}

/** Changes a story. A round about it shows the new version; the history keeps the old one. */
export function changeStory(
  context: SessionContext,
  { at, storyId, patch }: SessionCommandOf<'stories.patch'>,
): SessionContext {
  const next = accept(context, at)
  if (!next.stories.some((story) => story.id === storyId && isChangedBy(story, patch))) return next
  const stories = patchStory(next.stories, storyId, patch)
  return withStoryChanges(next, stories, { changed: [storyId] })
}

/** Removes a story. A round about it continues, with its text but without its id. */
export function removeStory(
  context: SessionContext,
  { at, storyId }: SessionCommandOf<'stories.remove'>,
): SessionContext {
  const next = accept(context, at)
  const history = withoutStoryId(next.history, storyId)
  const stories = withoutStory(next.stories, storyId)
  return withStoryChanges({ ...next, history }, stories, { removed: [storyId] })
}

/** Reorders the stories; the current order changes nothing. */
export function reorderStories(
  context: SessionContext,
  { at, storyIds }: SessionCommandOf<'stories.order'>,
): SessionContext {
  const next = accept(context, at)
  if (next.stories.every(({ id }, place) => id === storyIds[place])) return next
  return withStoryChanges(next, orderStories(next.stories, storyIds), { isReordered: true })
}

/** The only way to change stories: it raises their version, records the event, and updates the round's story. */
export function withStoryChanges(
  context: SessionContext,
  stories: readonly Story[],
  { added = [], changed = [], removed = [], isReordered = false }: Partial<Omit<StoriesUpdated, 'type'>>,
): SessionContext {
  const told = { ...context, stories, storiesVersion: context.storiesVersion + 1 }
  return record(followed(told), { type: 'stories_updated', added, changed, removed, isReordered })
}

/** Updates the current round's story from the list. */
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
