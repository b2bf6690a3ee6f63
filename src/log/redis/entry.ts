import { hash } from 'node:crypto'
import type { EpochMs } from '../../../machines/ids.js'
import type { SessionCommand } from '../../../machines/session/commands.js'
import type { Mark } from '../../runtime/marks.js'
import { type Birth, migrated, OtherRelease, type PersistedSession } from '../../runtime/persisted-session.js'

/**
 * The shape of an entry, and of the wrapper around a snapshot: what is where in its text. What a command
 * itself contains is a separate matter, settled by the session's semantics. Raise the shape when an earlier
 * release would misread the new text, and keep reading the previous shape: entries stay in logs for as long
 * as sessions live. While both releases can run at once, neither may write what the other cannot read: one
 * release learns to read a new shape, and the next one writes it.
 */
const ENTRY_SHAPE = 1
/** How many hexadecimal digits of a snapshot's SHA-256 are kept with it. */
const SUM_LENGTH = 16

/** A place in a log: the time of Redis, and the number of entries up to and including it. */
export interface Place {
  readonly ms: EpochMs
  readonly seq: number
}

/** An entry as Redis has it. */
export interface Entry {
  readonly place: Place
  /** Who proposed it, `<name>.<count>`; empty for the first entry. */
  readonly nonce: string
  readonly text: string
}

/** A session at a place in its log, and the last nonce of everybody who has proposed anything so far. */
export interface Snapshot {
  readonly nonces: readonly (readonly [string, number])[]
  readonly session: PersistedSession
}

export function idOf({ ms, seq }: Place): string {
  return `${ms}-${seq}`
}

/** @throws when it is not the id of an entry */
export function placeOf(id: unknown): Place {
  const parts = /^(\d+)-(\d+)$/.exec(String(id))
  if (parts === null) throw new Error(`${id} is not the id of an entry`)
  return { ms: Number(parts[1]), seq: Number(parts[2]) }
}

/** The first entry of a log, without its time, which comes from its place. */
export function birthText({ input: { at: _, ...input }, ...beside }: Birth): string {
  return JSON.stringify({ v: ENTRY_SHAPE, birth: { input, ...beside } })
}

/** @throws {OtherRelease} when the text has another shape @throws when it is not a first entry's */
export function birthOf({ text, place }: Entry): Birth {
  const { v, birth } = JSON.parse(text)
  refuseOther(v)
  return { ...birth, input: { ...birth.input, at: place.ms } }
}

/** A command without its time, with its mark if it may be repeated. */
export function commandText({ at: _, ...command }: SessionCommand, mark: Mark | undefined): string {
  return JSON.stringify({ v: ENTRY_SHAPE, command, mark })
}

/** @throws {OtherRelease} when the text has another shape @throws when it is not a command's */
export function commandOf({ text, place }: Entry): {
  readonly command: SessionCommand
  readonly mark?: Mark
} {
  const { v, command, mark } = JSON.parse(text)
  refuseOther(v)
  return { command: { ...command, at: place.ms }, mark }
}

/** @returns the text, and its digest prefixed with the shapes in it: `<entry>.<session>:<digest>` */
export function snapshotText({ nonces, session }: Snapshot): { readonly sum: string; readonly body: string } {
  const body = JSON.stringify({ v: ENTRY_SHAPE, snapshot: { nonces, session } })
  return { sum: `${ENTRY_SHAPE}.${session.shape}:${digestOf(body)}`, body }
}

/** @throws {OtherRelease} when this release cannot read its shape @throws when the text is damaged */
export function snapshotOf(text: string): Snapshot & { readonly place: Place } {
  const [id = '', sum = ''] = text.split(' ', 2)
  const body = text.slice(id.length + sum.length + 2)
  if (digestOf(body) !== sum.slice(sum.indexOf(':') + 1))
    throw new Error('a snapshot does not match its digest')
  const { v, snapshot } = JSON.parse(body)
  refuseOther(v)
  return { ...snapshot, session: migrated(snapshot.session), place: placeOf(id) }
}

function refuseOther(shape: unknown): void {
  if (shape !== ENTRY_SHAPE) throw new OtherRelease(`entry shape ${shape} cannot be read`)
}

function digestOf(body: string): string {
  return hash('sha256', body).slice(0, SUM_LENGTH)
}

/** The entries in a reply of Redis: `[[id, [field, value, …]], …]`. */
export function entriesOf(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return []
  return reply.map(([id, fields]) => {
    const values = new Map<string, string>()
    for (let index = 0; index < fields.length; index += 2) values.set(fields[index], fields[index + 1])
    return { place: placeOf(id), nonce: values.get('n') ?? '', text: values.get('c') ?? '' }
  })
}
