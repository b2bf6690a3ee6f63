import type { SessionView } from '../wire/views.js'
import { DEFAULT_TIMING, type FeedTiming } from './feed.js'
import { requestJson } from './http.js'
import { backoffMs, pause } from './pause.js'
import { type Seat, SessionClient } from './session-client.js'

export type { AnyEnvelope, EventData, EventType } from '../wire/events.js'
export type { RoundView, SessionView, StatisticsView, UserView, VoteView } from '../wire/views.js'
export { EventsOverflowError, MagnaPPError } from './errors.js'
export type { FeedTiming } from './feed.js'
export { reduce } from './reducer.js'
export type { Connection, Seat } from './session-client.js'
export { SessionClient } from './session-client.js'

/** Where the server is, and how patient to be. */
export interface ClientOptions {
  /** The server's origin, as `https://poker.example`; in a browser default: the page's own. */
  readonly url?: string
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
  /** Ends everything that this call began, at any time. */
  readonly signal?: AbortSignal
  readonly timing?: Partial<FeedTiming>
}

export interface Creation {
  readonly name: string
  readonly creatorName: string
  /** An identifier, an emoji or an `https:` URL. */
  readonly creatorAvatar: string
}

export interface Joining {
  readonly userName: string
  /** An identifier, an emoji or an `https:` URL. */
  readonly userAvatar: string
}

const ATTEMPTS_MAX = 4
const RETRY_MS = 300
const RETRY_MAX_MS = 3_000

/**
 * Creates a session and leads it.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it stays out of reach
 */
export async function createSession(creation: Creation, options: ClientOptions = {}): Promise<SessionClient> {
  const { name, creatorName, creatorAvatar } = creation
  const body = { name, creator_name: creatorName, creator_avatar: creatorAvatar }
  const made = await makeOnce<Seated & { session_id: string }>('/api/sessions', body, options)
  return seated(made.session_id, made, options)
}

/**
 * Takes a seat in a session.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it stays out of reach
 */
export async function joinSession(
  sessionId: string,
  { userName, userAvatar }: Joining,
  options: ClientOptions = {},
): Promise<SessionClient> {
  const body = { user_name: userName, user_avatar: userAvatar }
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/join`
  return seated(sessionId, await makeOnce<Seated>(path, body, options), options)
}

/** Goes on in a seat that was taken before, as after a reload. */
export function resumeSession(seat: Seat, options: ClientOptions = {}): SessionClient {
  return client(seat.sessionId, seat, null, options)
}

/** Watches a session without taking a seat. */
export function watchSession(sessionId: string, options: ClientOptions = {}): SessionClient {
  return client(sessionId, null, null, options)
}

interface Seated {
  readonly user_id: Seat['userId']
  readonly user_token: string
  readonly session: SessionView
}

function seated(
  sessionId: string,
  { user_id, user_token, session }: Seated,
  options: ClientOptions,
): SessionClient {
  return client(sessionId, { sessionId, userId: user_id, userToken: user_token }, session, options)
}

function client(
  sessionId: string,
  seat: Seat | null,
  state: SessionView | null,
  { url = '', fetch: fetcher = globalThis.fetch, signal, timing }: ClientOptions,
): SessionClient {
  return new SessionClient({
    url,
    sessionId,
    seat,
    state,
    fetcher,
    signal,
    timing: { ...DEFAULT_TIMING, ...timing },
  })
}

/** Tries again when no answer came: the key sees to it that nothing is made twice. */
async function makeOnce<Answer>(path: string, body: unknown, options: ClientOptions): Promise<Answer> {
  const { url = '', fetch: fetcher = globalThis.fetch, signal = new AbortController().signal } = options
  const headers = { 'Idempotency-Key': idempotencyKey() }
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await requestJson<Answer>(url + path, { method: 'POST', body, headers, signal }, fetcher)
    } catch (error) {
      // fetch rejects with a TypeError when there is no answer, by its standard.
      if (!(error instanceof TypeError) || signal.aborted || attempt + 1 >= ATTEMPTS_MAX) throw error
      await pause(backoffMs(attempt, RETRY_MS, RETRY_MAX_MS), signal)
    }
  }
}

/** Not a secret, only never the same; `randomUUID` is missing in pages that are not served securely. */
function idempotencyKey(): string {
  return Array.from(globalThis.crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join(
    '-',
  )
}
