import type { SessionId, StoryId } from '../../machines/ids.js'
import type { PastRound } from '../../machines/session/history.js'
import type { Story } from '../../machines/session/story.js'

/** A session's results at the time of the export; they do not change while they are written. */
export interface Results {
  readonly id: SessionId
  readonly name: string
  readonly stories: readonly Story[]
  /** Oldest first. */
  readonly rounds: readonly PastRound[]
}

/** One line of a table of results: a story with its latest round, or a round without a story. */
export interface ResultLine {
  readonly title: string
  readonly link: string | null
  readonly notes: string | null
  readonly estimate: string | null
  readonly attempts: number
  /** The latest revealed round; `null`: not voted on yet. */
  readonly round: PastRound | null
  /** The total time of its revealed rounds. */
  readonly durationMs: number
}

/** The stories in order, then the rounds without a story or with a deleted one, oldest first. */
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

/** Characters that some systems do not allow in a file name. */
const NOT_IN_FILE_NAMES = /[\\/:*?"<>|\p{C}]+/gu
const FILE_NAME_LENGTH_MAX = 80

/** The file name under which a browser saves an export. */
export function exportFileName(name: string, extension: string): string {
  const plain = name.replaceAll(NOT_IN_FILE_NAMES, '-').replace(/^[.\s-]+/, '')
  return `${
    [...plain]
      .slice(0, FILE_NAME_LENGTH_MAX)
      .join('')
      .replace(/[.\s]+$/, '') || 'results'
  }.${extension}`
}
