import type { RoomView } from '../wire/rooms.js'
import type { SettingsWish } from '../wire/settings.js'
import type { SessionSummaryView, SessionView, UserView } from '../wire/views.js'
import { MagnaPPError } from './errors.js'
import { DEFAULT_TIMING, type FeedTiming } from './feed-state.js'
import { isSession } from './frame.js'
import { requestJson } from './http.js'
import type { Seat } from './seat.js'
import { type Patience, sendOnce } from './send-once.js'
import { SessionClient } from './session-client.js'

export { DECK, DECK_NAMES, NAMED_DECKS } from '../../machines/deck.js'
export type { AnyEnvelope, EventData, EventType } from '../wire/events.js'
export type { PastRoundView } from '../wire/history.js'
export type { HeartbeatView, OptimizedView, TouchVotedView } from '../wire/responses.js'
export type { RoomView } from '../wire/rooms.js'
export type { SettingsView, SettingsWish } from '../wire/settings.js'
export type { StoryView } from '../wire/stories.js'
export type { ReconnectView } from '../wire/sync.js'
export type {
  RoundView,
  SessionSummaryView,
  SessionView,
  StatisticsView,
  UserView,
  VoteView,
} from '../wire/views.js'
export type { PhoneConditions, SessionCommands, Touch } from './commands.js'
export { EventsOverflowError, MagnaPPError } from './errors.js'
export type { FeedTiming } from './feed-state.js'
export type { OwnVote, VoteOutcome, Withdrawal } from './own-vote.js'
export type { Permissions } from './permissions.js'
export { canNudge, permissionsOf } from './permissions.js'
export { reduce } from './reducer.js'
export type { Seat } from './seat.js'
export { SessionClient } from './session-client.js'
export type { ClientSnapshot, Connection, Ending } from './snapshot.js'
export type { NewStory, StoryCommands, StoryList } from './story-commands.js'
export { reduceStories } from './story-commands.js'

/** Where the server is, and how patient to be. */
export interface ClientOptions {
  /** The server's origin, such as `https://poker.example`; in a browser it defaults to the page's own. */
  readonly url?: string
  /** Default: the platform's. */
  readonly fetch?: typeof fetch
  /** Stops everything that this call started, at any time. */
  readonly signal?: AbortSignal
  readonly timing?: Partial<FeedTiming>
  /** In a page: one stream for all of the browser's tabs in the same seat. Default: true. */
  readonly shareTabs?: boolean
}

export interface Creation {
  readonly name: string
  readonly creatorName: string
  /** An identifier, an emoji or an `https:` URL. */
  readonly creatorAvatar: string
  /** Default: `voter`. */
  readonly creatorRole?: UserView['role']
  /** The room's permanent name, used in its link: lower-case letters, digits, and dashes between them. */
  readonly room?: string
  readonly settings?: SettingsWish
}

export interface Joining {
  readonly userName: string
  /** An identifier, an emoji or an `https:` URL. */
  readonly userAvatar: string
  /** Default: `voter`. */
  readonly role?: UserView['role']
}

/** Somebody is waiting for their table, so it is worth waiting for a server that will be back soon. */
const PATIENCE: Patience = { attemptsMax: 4, withinMs: Number.POSITIVE_INFINITY }

/**
 * Creates a session and leads it.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it stays out of reach
 */
export async function createSession(creation: Creation, options: ClientOptions = {}): Promise<SessionClient> {
  const { name, creatorName, creatorAvatar, creatorRole, room, settings } = creation
  const body = {
    name,
    creator_name: creatorName,
    creator_avatar: creatorAvatar,
    creator_role: creatorRole,
    room,
    settings,
  }
  const made = await make<Seated & { session_id: string }>('/api/sessions', body, options)
  return seated(made.session_id, made, options)
}

/**
 * Takes a seat in a session.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it stays out of reach
 */
export async function joinSession(
  sessionId: string,
  { userName, userAvatar, role }: Joining,
  options: ClientOptions = {},
): Promise<SessionClient> {
  const body = { user_name: userName, user_avatar: userAvatar, role }
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/join`
  return seated(sessionId, await make<Seated>(path, body, options), options)
}

/**
 * The sessions on the server.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it is out of reach
 */
export async function listSessions(options: ClientOptions = {}): Promise<SessionSummaryView[]> {
  return requestJson(`${options.url ?? ''}/api/sessions`, {}, sendingOf(options))
}

/**
 * The session in a room.
 * @throws {MagnaPPError} when the server refuses; what `fetch` throws when it is out of reach
 */
export async function findRoom(room: string, options: ClientOptions = {}): Promise<RoomView> {
  return requestJson(`${options.url ?? ''}/api/rooms/${encodeURIComponent(room)}`, {}, sendingOf(options))
}

/**
 * Takes over the seat of another device, with the code that it shows.
 * @throws {MagnaPPError} `SEAT_CODE_INVALID` for a code that is wrong, used or older than a minute
 */
export async function takeSeat(
  sessionId: string,
  code: string,
  options: ClientOptions = {},
): Promise<SessionClient> {
  const path = `/api/sessions/${encodeURIComponent(sessionId)}/seat`
  return seated(sessionId, await make<Seated>(path, { code }, options), options)
}

/** Returns to a seat taken earlier, such as after a reload. */
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
  { url = '', fetch: fetcher = globalThis.fetch, signal, timing, shareTabs = true }: ClientOptions,
): SessionClient {
  return new SessionClient({
    url,
    sessionId,
    seat,
    state,
    fetcher,
    signal,
    timing: { ...DEFAULT_TIMING, ...timing },
    isShared: shareTabs,
  })
}

/** @throws {MagnaPPError} also for an answer without a session */
async function make<Answer extends Seated>(
  path: string,
  body: unknown,
  options: ClientOptions,
): Promise<Answer> {
  const made = await sendOnce<Answer>((options.url ?? '') + path, { body }, sendingOf(options), PATIENCE)
  if (!isSession(made?.session)) throw new MagnaPPError(200, null, null)
  return made
}

function sendingOf({ fetch: fetcher = globalThis.fetch, signal, timing }: ClientOptions) {
  const limitMs = timing?.answerMs ?? DEFAULT_TIMING.answerMs
  return { fetcher, signal: signal ?? new AbortController().signal, limitMs }
}
