import type { Card } from '../card.js'
import type { StoryId } from '../ids.js'
import { type Refusal, type RefusalFacts, refuse } from './refusal.js'

/** Something to estimate. The wire has validated its texts: at most {@link STORY_LIMITS} long. */
export interface Story {
  readonly id: StoryId
  readonly title: string
  /** An `https:` address with the details. */
  readonly link: string | null
  readonly notes: string | null
  /** The estimate that the team agreed on, as a card of the deck used. */
  readonly estimate: Card | null
  /** Rounds started for the story. */
  readonly attempts: number
}

/** A story to be created. */
export interface StoryDraft {
  readonly id: StoryId
  readonly title: string
  readonly link: string | null
  readonly notes: string | null
  readonly estimate: Card | null
}

/** The members of a story to change; the others stay. */
export type StoryPatch = Partial<Pick<Story, 'title' | 'link' | 'notes'>>

/** Limits of contract section 9, in characters as a person counts them. */
export const STORY_LIMITS = { titleLength: 200, linkLength: 500, notesLength: 2_000 } as const

/** The maximum number of stories in a session. */
export const STORIES_MAX = 200

/**
 * The maximum length of all texts of a session's stories together, in UTF-16 code units: the sum of the
 * limits if each character were one code unit. Emoji take more, so this bounds their memory.
 */
export const STORIES_TEXT_LENGTH_MAX =
  STORIES_MAX * (STORY_LIMITS.titleLength + STORY_LIMITS.linkLength + STORY_LIMITS.notesLength)

/** The list with new stories at the end, not voted on yet. */
export function withStories(stories: readonly Story[], drafts: readonly StoryDraft[]): readonly Story[] {
  return [...stories, ...drafts.map(newStory)]
}

/** Member by member, since a session keeps many: an object made by a spread takes twice as much memory. */
function newStory({ id, title, link, notes, estimate }: StoryDraft): Story {
  return { id, title, link, notes, estimate, attempts: 0 }
}

/** Whether that many more stories, with that much text, fit. */
export function addRefusal(
  stories: readonly Story[],
  drafts: readonly Omit<StoryDraft, 'id'>[],
): Refusal | null {
  const count = stories.length + drafts.length
  if (count > STORIES_MAX) {
    return invalid('stories', `A session holds at most ${STORIES_MAX} stories; these would make ${count}.`, {
      stories: stories.length,
      storiesMax: STORIES_MAX,
    })
  }
  return textRefusal(stories, drafts)
}

/** The list with a story changed as requested; another editor's change to other members stays. */
export function patchStory(stories: readonly Story[], id: StoryId, patch: StoryPatch): readonly Story[] {
  return stories.map((story) => (story.id === id ? { ...story, ...patch } : story))
}

/** Whether the story exists and its new texts fit. A story that another editor has deleted does not exist. */
export function patchRefusal(stories: readonly Story[], id: StoryId, patch: StoryPatch): Refusal | null {
  const story = storyOf(stories, id)
  if (story === undefined) return unknownStory(id)
  return textRefusal(
    stories.filter((other) => other !== story),
    [{ ...story, ...patch }],
  )
}

/** Whether a patch would change anything. */
export function isChangedBy(story: Story, patch: StoryPatch): boolean {
  const next = { ...story, ...patch }
  return next.title !== story.title || next.link !== story.link || next.notes !== story.notes
}

/** The list without a story. */
export function withoutStory(stories: readonly Story[], id: StoryId): readonly Story[] {
  return stories.filter((story) => story.id !== id)
}

/** `null` if the story exists. */
export function storyRefusal(stories: readonly Story[], id: StoryId): Refusal | null {
  return storyOf(stories, id) === undefined ? unknownStory(id) : null
}

/** The stories in a new order, which names each of them once. */
export function orderStories(stories: readonly Story[], ids: readonly StoryId[]): readonly Story[] {
  const byId = new Map(stories.map((story) => [story.id, story]))
  return ids.map((id) => byId.get(id)).filter((story) => story !== undefined)
}

/**
 * An order must name every story once: it defines all positions, so an editor who has not seen another's new
 * story cannot move it by accident.
 */
export function orderRefusal(stories: readonly Story[], ids: readonly StoryId[]): Refusal | null {
  const named = new Set(ids)
  const known = new Set(stories.map((story) => story.id))
  const missing = [...known].filter((id) => !named.has(id))
  const unknown = [...named].filter((id) => !known.has(id))
  if (missing.length === 0 && unknown.length === 0 && named.size === ids.length) return null
  const repeated = [...named].filter((id) => ids.indexOf(id) !== ids.lastIndexOf(id))
  return invalid('ids', 'The order must name every story of the session exactly once.', {
    missing,
    unknown,
    repeated,
  })
}

export function storyOf(stories: readonly Story[], id: StoryId): Story | undefined {
  return stories.find((story) => story.id === id)
}

function textRefusal(
  stories: readonly Omit<StoryDraft, 'id'>[],
  drafts: readonly Omit<StoryDraft, 'id'>[],
): Refusal | null {
  const length = [...stories, ...drafts].reduce((sum, story) => sum + textLength(story), 0)
  if (length <= STORIES_TEXT_LENGTH_MAX) return null
  return invalid('stories', 'The texts of all stories are too long in total; shorten the notes.', {
    textLengthMax: STORIES_TEXT_LENGTH_MAX,
  })
}

function textLength({ title, link, notes }: Omit<StoryDraft, 'id'>): number {
  return title.length + (link?.length ?? 0) + (notes?.length ?? 0)
}

function unknownStory(storyId: StoryId): Refusal {
  return refuse('STORY_NOT_FOUND', 'There is no such story in this session.', { storyId })
}

function invalid(path: string, detail: string, facts: RefusalFacts): Refusal {
  return refuse('VALIDATION_ERROR', detail, { ...facts, faults: [{ path, message: detail }] })
}
