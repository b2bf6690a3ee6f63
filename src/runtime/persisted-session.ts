import type { Snapshot } from 'xstate'
import type { TokenDigest, UserId } from '../../machines/ids.js'
import type { SessionInput } from '../../machines/session/context.js'
import type { KnownMark, Mark } from './marks.js'

/** The first entry of a session's log: what it is made of, and whose address it is counted for; '' where nobody counts. */
export interface Birth {
  readonly input: SessionInput
  readonly address: string
  /** Of a creation that may be repeated. */
  readonly mark?: Mark
}

/**
 * The shape of a snapshot: of a {@link PersistedSession}, with XState's own form of the chart in it. Raise it when
 * what is written now has other members or other states than what was written before at the same place, even
 * though the session goes on alike; golden snapshots (test/log/golden) go red then. Add to {@link MIGRATIONS} how
 * one of the shape before becomes one of this. Keep readable whatever a live session can still have: the shape of
 * the release before, at least.
 */
export const PERSISTED_SHAPE = 2

/** What was persisted, in any shape. */
type Persisted = Readonly<Record<string, unknown>>

/** What a snapshot of one shape is in the next. */
export type Migration = (older: Persisted) => Persisted

/** By the shape that each begins with. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {}

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

/**
 * A snapshot in today's shape, whatever it was written in.
 * @throws {OtherRelease} when no migration leads there
 */
export function migrated(found: Persisted, migrations = MIGRATIONS): PersistedSession {
  if (isOfToday(found)) return found
  const shape = Number(found['shape'])
  const migrate = migrations[shape]
  if (migrate === undefined) throw new OtherRelease(`a snapshot of shape ${shape} cannot be read`)
  return migrated({ ...migrate(found), shape: shape + 1 }, migrations)
}

function isOfToday(found: Persisted): found is Persisted & PersistedSession {
  return found['shape'] === PERSISTED_SHAPE
}

/** What was written is nothing that this release can carry out; another one can. */
export class OtherRelease extends Error {
  override readonly name = 'OtherRelease'
}

/** What there is of a session is not carried out here. */
export class UnreadableSession extends Error {
  override readonly name = 'UnreadableSession'
  /** `other_release`: it is whole, and goes on where a release runs that serves it; `broken`: it is not whole. */
  readonly reason: 'other_release' | 'broken'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.reason = cause instanceof OtherRelease ? 'other_release' : 'broken'
  }
}
