import type { Snapshot } from 'xstate'
import type { TokenDigest, UserId } from '../../machines/ids.js'
import type { KnownMark, Mark } from './marks.js'
import type { SessionInput } from '../../machines/session/context.js'

/** The first entry of a session's log: what it is made of, and whose address it is counted for; '' where nobody counts. */
export interface Birth {
  readonly input: SessionInput
  readonly address: string
  /** Of a creation that may be repeated. */
  readonly mark?: Mark
}

/** The shape of what is persisted; another one is migrated when it is read. */
export const PERSISTED_SHAPE = 1

/**
 * A session at one place of its log, as JSON: whoever restores it and applies the entries behind that place
 * is in the same state, byte for byte, makes the same frames and knows the same tokens.
 */
export interface PersistedSession {
  readonly shape: number
  readonly birth: Birth
  /** XState's own form of the actor. */
  readonly actor: Snapshot<unknown>
  /** Digests only, as everywhere; oldest first. */
  readonly credentials: readonly (readonly [UserId, TokenDigest])[]
  /** Of commands that may be repeated; oldest first. */
  readonly marks: readonly KnownMark[]
}

/** Whether this is a session at a later place, and no first entry. */
export function isPersisted(from: Birth | PersistedSession): from is PersistedSession {
  return 'actor' in from
}

/** What there is of a session is not whole, or was written by another release. */
export class UnreadableSession extends Error {
  override readonly name = 'UnreadableSession'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}
