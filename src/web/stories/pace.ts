import type { PastRoundView } from '../../client/client.js'

/** The pace of a meeting, and when it will be done. */
export interface Pace {
  readonly minutesEach: number
  /** Milliseconds since 1970, rounded to five minutes: it is a guess. */
  readonly doneAt: number
}

/** The used part of a revealed round. */
export type PastRound = Pick<PastRoundView, 'story' | 'started_at' | 'duration_seconds'>

/** Fewer stories say nothing about the next ones. */
const STORIES_MIN = 2
const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const GUESS_MS = 5 * MINUTE_MS

/**
 * The pace of a meeting. A story takes from its first round until that of the next one, including discussion;
 * the median counts, since there are breaks.
 * @param rounds - all revealed rounds, newest last
 * @param left - stories without an estimate
 * @param now - milliseconds since 1970
 * @returns `null`: not known yet, or nothing is left
 */
export function paceOf(rounds: readonly PastRound[], left: number, now: number): Pace | null {
  const starts: number[] = []
  let last: string | null = null
  for (const { story, started_at } of rounds) {
    const about = story?.id ?? story?.title ?? null
    if (about === null || about === last) continue
    starts.push(Date.parse(started_at))
    last = about
  }
  const newest = rounds.at(-1)
  if (newest === undefined || left === 0 || starts.length < STORIES_MIN) return null
  const end = Date.parse(newest.started_at) + newest.duration_seconds * SECOND_MS
  const spans = starts.map((start, index) => (starts[index + 1] ?? end) - start).sort((a, b) => a - b)
  const eachMs = spans[Math.floor(spans.length / 2)] ?? 0
  const doneAt = Math.ceil((now + left * eachMs) / GUESS_MS) * GUESS_MS
  return { minutesEach: Math.max(1, Math.round(eachMs / MINUTE_MS)), doneAt }
}
