import { FrameError } from './errors.js'
import type { FeedOptions, FeedState } from './feed-state.js'
import { isEnvelope } from './frame.js'
import { requestJson } from './http.js'

const WAIT_SECONDS = 20
/** An answer without events that came this soon was not waited for. */
const HURRIED_MS = 1_000

/**
 * Follows by long poll until a stream is to be tried again.
 * @throws what a request throws
 */
export async function poll(options: FeedOptions, feed: FeedState): Promise<void> {
  const { url, sessionId, token, timing, fetcher, version, waker, onConnection, onFailure } = options
  const limitMs = WAIT_SECONDS * 1_000 + timing.answerMs
  while (feed.isPolling && !feed.isOver) {
    onConnection('polling')
    const startedAt = performance.now()
    // Without a version everything is wanted: one that no log has is answered with the whole state.
    const after = version() ?? 'none'
    const path = `${url}/api/sessions/${sessionId}/events?after=${after}&wait_seconds=${WAIT_SECONDS}`
    const work = waker.begin('connection', options.signal)
    const sending = { fetcher, signal: work.signal, limitMs }
    const { events } = await requestJson<{ events: unknown }>(path, { token }, sending).finally(work.end)
    if (!Array.isArray(events)) throw new FrameError('a long poll was answered without events')
    onFailure(null)
    const frames = events.map((event) => (isEnvelope(event) ? event : null))
    await feed.take(frames, true)
    if (events.length === 0 && performance.now() - startedAt < HURRIED_MS) await feed.wait()
  }
}
