import type { Snapshot } from 'xstate'
import type { TokenDigest, UserId } from '../../machines/ids.js'
import type { SessionInput } from '../../machines/session/context.js'
import type { KnownMark, Mark } from './marks.js'

/** The first entry of a session's log: what it is made of, and the address it counts against; '' if none. */
export interface Birth {
  readonly input: SessionInput
  readonly address: string
  /** Present if the creation may be repeated. */
  readonly mark?: Mark
}

/**
 * The shape of a snapshot: of a {@link PersistedSession}, including XState's own form of the chart. Raise it
 * when what is written at the same place now has different members or states, even if the session behaves the
 * same; golden snapshots (test/log/golden) then go red. Add a step to {@link MIGRATIONS} from the previous
 * shape to this one. Keep every shape readable that a live session can still have: at least that of the
 * previous release.
 */
export const PERSISTED_SHAPE = 2

/** What was persisted, in any shape. */
type Persisted = Readonly<Record<string, unknown>>

/** Turns a snapshot of one shape into the next. */
export type Migration = (older: Persisted) => Persisted

/** Keyed by the shape that each migrates from. */
const MIGRATIONS: Readonly<Record<number, Migration>> = {}

/**
 * A session at one place in its log, as JSON: whoever restores it and applies the entries after that place
 * gets the same state, byte for byte, the same frames and the same tokens.
 */
export interface PersistedSession {
  readonly shape: number
  readonly birth: Birth
  /** XState's own form of the actor. */
  readonly actor: Snapshot<unknown>
  /** Digests only, as everywhere; oldest first. */
  readonly credentials: readonly (readonly [UserId, TokenDigest])[]
  /** Those of commands that may be repeated, oldest first. */
  readonly marks: readonly KnownMark[]
}

/** Whether this is a session at a later place rather than a first entry. */
export function isPersisted(from: Birth | PersistedSession): from is PersistedSession {
  return 'actor' in from
}

/**
 * A snapshot in today's shape, whatever shape it was written in.
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

/** This release cannot carry out what was written; another one can. */
export class OtherRelease extends Error {
  override readonly name = 'OtherRelease'
}

/** A session's entries and snapshot cannot be carried out here. */
export class UnreadableSession extends Error {
  override readonly name = 'UnreadableSession'
  /** `other_release`: it is intact, and continues where a release supports it; `broken`: it is not. */
  readonly reason: 'other_release' | 'broken'

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.reason = cause instanceof OtherRelease ? 'other_release' : 'broken'
  }
}
