import * as z from 'zod'
import { CARD_LENGTH_MAX } from '../../machines/deck.js'
import { STORIES_MAX, STORY_LIMITS, type StoryPatch } from '../../machines/session/story.js'
import { MARKS_IN_ROW_MAX } from './personal-text.js'
import { personalText, playedCard, stale, storyId, userId, version } from './scalars.js'

/**
 * Stories in requests and answers (contract section 9). Unknown members are refused, so that a misspelt one
 * is not silently lost.
 */

/** Control characters except tab and line feed, bidirectional overrides and isolates, and invisible characters. */
const FORBIDDEN_IN_NOTES = /[^\P{Cc}\t\n]|[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u
const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MARKS_IN_ROW_MAX + 1}}`, 'u')

const title = personalText(STORY_LIMITS.titleLength)

const link = z
  .string({ error: 'must be a text' })
  .max(STORY_LIMITS.linkLength, {
    error: `must have ${STORY_LIMITS.linkLength} characters at most`,
    abort: true,
  })
  .refine(isHttpsLink, { error: 'must be an https: address without a password' })
  .meta({ format: 'uri', pattern: '^https://' })

/** A character may be several code units. */
const NOTES_UNITS_MAX = 8 * STORY_LIMITS.notesLength

/**
 * Lines stay lines, with any line ends. Empty: none. The length is checked before normalising, which is
 * quadratic in a run of marks.
 */
const notes = z
  .string({ error: 'must be a text' })
  // Line ends may count twice until they are unified; anything longer need not be examined.
  .refine((text) => text.length <= 2 * NOTES_UNITS_MAX, {
    error: `must have ${STORY_LIMITS.notesLength} characters at most`,
    abort: true,
  })
  .transform((text) => text.replaceAll(/\r\n?/g, '\n').trim())
  .refine((text) => isAtMost(text, STORY_LIMITS.notesLength), {
    error: `must have ${STORY_LIMITS.notesLength} characters at most`,
    abort: true,
  })
  .refine((text) => text.isWellFormed() && !FORBIDDEN_IN_NOTES.test(text), {
    error: 'must not contain control, bidirectional or zero-width characters',
    abort: true,
  })
  .refine((text) => !TOO_MANY_MARKS.test(text), {
    error: `must not have more than ${MARKS_IN_ROW_MAX} combining marks in a row`,
    abort: true,
  })
  .transform((text) => (text === '' ? null : text.normalize('NFC')))
  .meta({ maxLength: STORY_LIMITS.notesLength })

/** An estimate that a team agrees on: usually a card of its deck, but any is allowed. */
export const estimate = personalText(CARD_LENGTH_MAX)

/** One story. */
export const storyBody = z.strictObject({
  title,
  link: link.nullish(),
  notes: notes.nullish(),
})

/** One story, or several at once under `stories`: all of them or none. */
export const storiesBody = z
  .strictObject({
    stories: z.array(storyBody).min(1, 'must have a story').max(STORIES_MAX, tooMany()).optional(),
    title: title.optional(),
    link: link.nullish(),
    notes: notes.nullish(),
  })
  .transform(({ stories, title, ...rest }, context): StoryBody[] => {
    if (stories === undefined && title !== undefined) return [{ title, ...rest }]
    if (stories !== undefined && title === undefined && Object.keys(rest).length === 0) return stories
    const message = stories === undefined ? 'must be a text' : 'must be one story, or a list of stories'
    context.addIssue({ code: 'custom', path: ['title'], message })
    return z.NEVER
  })
  .meta({ examples: [{ title: 'Log in with a passkey' }, { stories: [{ title: 'Log in with a passkey' }] }] })

/** The changes to a story; omitted members stay, `null` clears one. */
export const patchStoryBody = z
  .strictObject({ title: title.optional(), link: link.nullish(), notes: notes.nullish() })
  .refine((patch) => Object.keys(patch).length > 0, { error: 'must name something to change' })
  .transform(
    ({ title, link, notes }): StoryPatch => ({
      ...(title !== undefined && { title }),
      ...(link !== undefined && { link }),
      ...(notes !== undefined && { notes }),
    }),
  )
  .meta({ examples: [{ title: 'Log in with a passkey or a code' }] })

export const orderStoriesBody = z.object({
  ids: z.array(storyId).max(STORIES_MAX, tooMany()),
})

/** What to do with notes that are too long for a story. */
export const importQuery = z.object({
  user_id: userId.optional(),
  notes: z.enum(['whole', 'cut', 'none'], { error: 'must be whole, cut or none' }).default('whole').meta({
    description:
      'what to do with notes: `whole` refuses those that are too long, `cut` shortens them, `none` leaves all notes out',
  }),
})

export const acceptBody = z.object({ estimate }).meta({ examples: [{ estimate: '5' }] })

export const storyView = z.strictObject({
  id: storyId,
  title: z.string(),
  link: z.string().nullable(),
  notes: z.string().nullable(),
  estimate: playedCard.nullable().meta({ description: 'the estimate that the team agreed on' }),
  attempts: z.int().min(0).meta({ description: 'rounds started for the story' }),
})

/** The story of a round. */
export const roundStoryView = z.strictObject({
  id: storyId.nullable().meta({ description: 'null once the story has been deleted' }),
  title: z.string(),
  link: z.string().nullable(),
})

export type RoundStoryView = z.infer<typeof roundStoryView>

/** Rises by one with every change of the list, including estimates and attempts. */
export const storiesVersion = version

export const storiesView = z.strictObject({
  stories: z.array(storyView),
  stories_version: storiesVersion,
  stale,
})

export const importedView = z.strictObject({
  imported: z.int().min(0),
  stories_version: storiesVersion,
})

export type StoryBody = z.output<typeof storyBody>
export type StoryView = z.infer<typeof storyView>
export type StoriesView = z.infer<typeof storiesView>

function tooMany(): string {
  return `must have at most ${STORIES_MAX} stories`
}

/** Counts code points, but no further than necessary. */
function isAtMost(text: string, lengthMax: number): boolean {
  if (text.length <= lengthMax) return true
  if (text.length > 2 * lengthMax) return false
  return [...text].length <= lengthMax
}

/**
 * Accepts only addresses that a browser opens exactly as shown: no credentials, no invisible or quoting
 * characters.
 */
function isHttpsLink(text: string): boolean {
  if (!/^https:\/\/[^\s"'<>\\^`{|}\p{C}]+$/u.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
