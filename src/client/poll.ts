import type { AnyEnvelope } from '../wire/events.js'
import { FrameError } from './errors.js'
import type { FeedOptions, FeedState } from './feed-state.js'
import { isEnvelope } from './frame.js'
import { requestJson } from './http.js'

const WAIT_SECONDS = 20
/** An answer without events that came this soon did not wait. */
const HURRIED_MS = 1_000

/**
 * Follows by long poll until it is time to try a stream again. The first question does not wait for an event:
 * only an answer shows that polling works.
 * @throws what a request throws
 */
export async function poll(options: FeedOptions, feed: FeedState): Promise<void> {
  const { waker, signal, onConnection, onPolling, onFailure } = options
  for (let waitSeconds = 0; feed.isPolling && !feed.isOver; waitSeconds = WAIT_SECONDS) {
    onPolling()
    const startedAt = performance.now()
    const work = waker.begin('connection', signal)
    const { frames } = await fetchEvents(options, { waitSeconds, signal: work.signal }).finally(work.end)
    onConnection('polling')
    onFailure(null)
    await feed.take(frames, true)
    const isHurried = waitSeconds > 0 && performance.now() - startedAt < HURRIED_MS
    if (frames.length === 0 && isHurried) await feed.wait()
  }
}

/** The events after the reader's version; `null` stands for one that cannot be parsed. */
export interface FetchedEvents {
  readonly frames: readonly (AnyEnvelope | null)[]
  /** Whether more events are waiting than one answer holds. */
  readonly hasMore: boolean
}

/**
 * Fetches the events that the reader has not seen.
 * @param asking - how long to wait for one if there is none, and what ends the wait
 * @throws what a request throws
 */
export async function fetchEvents(
  { url, sessionId, token, timing, fetcher, version }: FeedOptions,
  { waitSeconds, signal }: { readonly waitSeconds: number; readonly signal: AbortSignal },
): Promise<FetchedEvents> {
  const limitMs = waitSeconds * 1_000 + timing.answerMs
  // Without a version, everything is wanted: an invalid version is answered with the whole state.
  const after = version() ?? 'none'
  const path = `${url}/api/sessions/${sessionId}/events?after=${after}&wait_seconds=${waitSeconds}`
  const sending = { fetcher, signal, limitMs }
  const answer = await requestJson<{ events: unknown; more?: unknown }>(path, { token }, sending)
  if (!Array.isArray(answer.events)) throw new FrameError('a poll was answered without events')
  const frames = answer.events.map((event) => (isEnvelope(event) ? event : null))
  return { frames, hasMore: answer.more === true }
}
