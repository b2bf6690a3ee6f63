import type { EpochMs, RoundId, SessionId, StoryId, UserId } from './ids.js'

/** Time, as the runtime provides it to the actors: XState's clock plus the time of day. */
export interface Clock {
  now(): EpochMs
  setTimeout(callback: (...args: unknown[]) => void, timeoutMs: number): unknown
  clearTimeout(id: unknown): void
}

/** The source of new ids and secrets. */
export interface Ids {
  sessionId(): SessionId
  userId(): UserId
  roundId(): RoundId
  storyId(): StoryId
  /** A participant's secret: at least 128 random bits, URL-safe. */
  userToken(): string
  /** A code that moves a seat to another device; see `machines/session/seat-codes.ts`. */
  seatCode(): string
  requestId(): string
}
