import type { KnownState } from '../../machines/session/sync-strategy.js'

/**
 * The state that a client claims to have, as far as it can be understood; nothing in it is trusted.
 * `undefined`: the client sent nothing for it, or something invalid.
 */
export interface ClientState {
  /** 0 if it sent none. */
  readonly version: number
  readonly checksum: string | null
  readonly participants: readonly ClientUser[] | undefined
  readonly currentRound: JsonObject | null | undefined
  readonly status: string | undefined
  readonly scrumMasterId: string | undefined
  readonly settings: JsonObject | undefined
  readonly storiesVersion: number | undefined
}

/** An entry in a client's list of participants. */
export interface ClientUser {
  readonly id: string
  readonly [member: string]: unknown
}

type JsonObject = Readonly<Record<string, unknown>>

/** No session has more; a client that claims more means another session. */
const PARTICIPANTS_MAX = 1_000
/** The length limit of an id in code units: longer ones are not sent back. */
const ID_LENGTH_MAX = 64

/**
 * Reads a client's state in the shapes of the contract (section 7). Its size is checked before its content;
 * its depth does not matter, since it is compared with this server's state.
 * @param sent - any object; a whole `Session` is fine
 * @returns `null`: the client knows nothing about the session
 */
export function readClientState(sent: JsonObject): ClientState | null {
  const participants = participantsIn(sent['participants'])
  if (participants !== undefined && participants.length > PARTICIPANTS_MAX) return null
  const { state_version: version, state_checksum: checksum, current_round: round } = sent
  const state: ClientState = {
    version: isVersion(version) ? version : 0,
    checksum: typeof checksum === 'string' ? checksum : null,
    participants: participants?.filter(isUser),
    currentRound: round === null || isObject(round) ? round : undefined,
    status: textIn(sent['status']),
    scrumMasterId: textIn(sent['scrum_master_id']),
    settings: isObject(sent['settings']) ? sent['settings'] : undefined,
    storiesVersion: isVersion(sent['stories_version']) ? sent['stories_version'] : undefined,
  }
  const { version: _version, checksum: _checksum, ...known } = state
  const isKnown = isVersion(version) || Object.values(known).some((value) => value !== undefined)
  return isKnown ? state : null
}

/** The facts that decide how a client is brought up to date. */
export function knownState(client: ClientState | null): KnownState | null {
  return client === null ? null : { version: client.version, checksum: client.checksum }
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function participantsIn(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

function isUser(value: unknown): value is ClientUser {
  return isObject(value) && typeof value['id'] === 'string' && value['id'].length <= ID_LENGTH_MAX
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
