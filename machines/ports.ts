import type { EpochMs, NodeId, RoundId, SessionId, UserId } from './ids.js'

/** Time, as the runtime gives it to the actors; XState's own clock with the time of day added. */
export interface Clock {
  now(): EpochMs
  setTimeout(callback: (...args: unknown[]) => void, timeoutMs: number): unknown
  clearTimeout(id: unknown): void
}

/** Where new ids and secrets come from. */
export interface Ids {
  sessionId(): SessionId
  userId(): UserId
  roundId(): RoundId
  /** A participant's secret: at least 128 random bits, URL-safe. */
  userToken(): string
  requestId(): string
  nodeId(): NodeId
}
