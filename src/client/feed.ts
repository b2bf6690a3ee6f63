import { MagnaPPError, SleptError, WokenError } from './errors.js'
import { type FeedOptions, FeedState } from './feed-state.js'
import { poll } from './poll.js'
import { stream } from './stream.js'

/** Statuses after which a retry is pointless: the session is over, or this client may not read it. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 422])

/**
 * Follows a session until it ends, the signal aborts, or the server refuses for good: by stream, and by long
 * poll while streams stay silent. Reconnects after every failure.
 * @throws {MagnaPPError} when a retry is pointless
 */
export async function follow(options: FeedOptions): Promise<void> {
  const feed = new FeedState(options)
  while (!feed.isOver) {
    try {
      await connect(options, feed)
    } catch (error) {
      if (feed.isOver) return
      await recover(error, options, feed)
    }
  }
}

/** One connection, from its beginning to its end, and the wait after it. */
async function connect(options: FeedOptions, feed: FeedState): Promise<void> {
  if (feed.isPolling) return poll(options, feed)
  const work = options.waker.begin('connection', options.signal)
  const outcome = await stream({ ...options, signal: work.signal }, feed).finally(work.end)
  if (outcome === 'ended') await feed.wait()
  else feed.pollUntil = performance.now() + options.timing.pollingMs
}

/** Reacts to a failure: ends, starts afresh, or waits. */
async function recover(error: unknown, options: FeedOptions, feed: FeedState): Promise<void> {
  if (error instanceof SleptError) return feed.startAfresh()
  if (error instanceof WokenError) return feed.hurry()
  await feed.wait(settleFailure(error, options, feed))
}

/**
 * Handles a failure: the session's end ends the feed, any other failure is reported.
 * @returns how long the server asked to wait, in milliseconds; `null`: it did not ask
 * @throws {MagnaPPError} when a retry is pointless
 */
export function settleFailure(error: unknown, options: FeedOptions, feed: FeedState): number | null {
  const refusal = error instanceof MagnaPPError ? error : null
  if (refusal?.problem?.context['expired'] === true) {
    feed.end()
    options.onGone(refusal.problem.message)
    return null
  }
  // A refusal that is not MagnaPP's own, such as a proxy's 404 while the server is replaced, is temporary.
  if (refusal !== null && refusal.problem !== null && FINAL_STATUSES.has(refusal.status)) throw refusal
  options.onFailure(asError(error))
  const seconds = refusal?.retryAfterSeconds ?? null
  return seconds === null ? null : seconds * 1_000
}

/** Errors of another realm, such as an iframe's, are not instances of this realm's classes. */
function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error), { cause: error })
}
