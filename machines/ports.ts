import type { EpochMs, RoundId, SessionId, StoryId, UserId } from './ids.js'

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
  storyId(): StoryId
  /** A participant's secret: at least 128 random bits, URL-safe. */
  userToken(): string
  /** A code that carries a seat to another device; see `machines/session/seat-codes.ts`. */
  seatCode(): string
  requestId(): string
}
