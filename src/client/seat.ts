import type { UserId } from '../../machines/ids.js'
import type { SessionView } from '../wire/views.js'
import type { FeedTiming } from './feed-state.js'

/** The identity that a client acts as; store it to come back after a reload. */
export interface Seat {
  readonly sessionId: string
  readonly userId: UserId
  readonly userToken: string
}

export interface SessionClientOptions {
  readonly url: string
  readonly sessionId: string
  /** `null`: a watcher, whose commands the server refuses. */
  readonly seat: Seat | null
  readonly timing: FeedTiming
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal | undefined
  /** The initial state; without one, the first frame brings it. */
  readonly state: SessionView | null
  /** In a page: one stream for all tabs in the same seat, where the platform allows it. */
  readonly isShared: boolean
}
