import type { SessionId, StoryId } from '../../machines/ids.js'
import type { PastRound } from '../../machines/session/history.js'
import type { Story } from '../../machines/session/story.js'

/** A session's results, as they are when the export is asked for: none of it changes while it is written. */
export interface Results {
  readonly id: SessionId
  readonly name: string
  readonly stories: readonly Story[]
  /** Oldest first. */
  readonly rounds: readonly PastRound[]
}

/** One line of a table of results: a story with its newest round, or a round that had no story. */
export interface ResultLine {
  readonly title: string
  readonly link: string | null
  readonly notes: string | null
  readonly estimate: string | null
  readonly attempts: number
  /** The newest revealed round; `null`: not voted on yet. */
  readonly round: PastRound | null
  /** Time that its revealed rounds took together. */
  readonly durationMs: number
}

/** The stories in their order, then the rounds that were about none, or about one that is gone, oldest first. */
export function* resultLines({ stories, rounds }: Results): Generator<ResultLine> {
  const byStory = new Map<StoryId | null, PastRound[]>()
  for (const round of rounds) {
    const id = round.story?.id ?? null
    const others = byStory.get(id)
    if (others === undefined) byStory.set(id, [round])
    else others.push(round)
  }
  for (const { id, title, link, notes, estimate, attempts } of stories) {
    const own = byStory.get(id) ?? []
    yield {
      title,
      link,
      notes,
      estimate,
      attempts,
      round: own.at(-1) ?? null,
      durationMs: own.reduce((sum, { durationMs }) => sum + durationMs, 0),
    }
  }
  for (const round of byStory.get(null) ?? []) {
    yield {
      title: round.story?.title ?? `Round ${rounds.indexOf(round) + 1}`,
      link: round.story?.link ?? null,
      notes: null,
      estimate: round.acceptedEstimate,
      attempts: round.attempt,
      round,
      durationMs: round.durationMs,
    }
  }
}

/** Characters that a file's name may not have somewhere. */
const NOT_IN_FILE_NAMES = /[\\/:*?"<>|\p{C}]+/gu
const FILE_NAME_LENGTH_MAX = 80

/** What a browser saves an export as. */
export function exportFileName(name: string, extension: string): string {
  const plain = name.replaceAll(NOT_IN_FILE_NAMES, '-').replace(/^[.\s-]+/, '')
  return `${
    [...plain]
      .slice(0, FILE_NAME_LENGTH_MAX)
      .join('')
      .replace(/[.\s]+$/, '') || 'results'
  }.${extension}`
}
