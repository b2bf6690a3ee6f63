import { hash } from 'node:crypto'
import type { EpochMs } from '../../../machines/ids.js'
import type { SessionCommand } from '../../../machines/session/commands.js'
import type { Mark } from '../../runtime/marks.js'
import { type Birth, migrated, OtherRelease, type PersistedSession } from '../../runtime/persisted-session.js'

/**
 * The shape of an entry, and of what is put around a snapshot: what stands where in its text. What a command
 * itself has in it is another matter, which a session's semantics settle. Raise it when a release of before would
 * read such a text wrongly, and keep reading the shape before: entries lie in logs for as long as sessions live.
 * While releases of both sorts can run at once none may write what the other cannot read, so a release reads a
 * new shape first, and the one after it writes it.
 */
const ENTRY_SHAPE = 1
/** So many hexadecimal digits of a snapshot's SHA-256 are kept beside it. */
const SUM_LENGTH = 16

/** A place in a log: the time of Redis, and how many entries there are up to it. */
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

/** A session at a place of its log, and the last nonce of everybody who has proposed something up to there. */
export interface Snapshot {
  readonly nonces: readonly (readonly [string, number])[]
  readonly session: PersistedSession
}

export function idOf({ ms, seq }: Place): string {
  return `${ms}-${seq}`
}

/** @throws when it is none */
export function placeOf(id: unknown): Place {
  const parts = /^(\d+)-(\d+)$/.exec(String(id))
  if (parts === null) throw new Error(`no entry has the id ${id}`)
  return { ms: Number(parts[1]), seq: Number(parts[2]) }
}

/** The first entry of a log, without its time, which is that of its place. */
export function birthText({ input: { at: _, ...input }, ...beside }: Birth): string {
  return JSON.stringify({ v: ENTRY_SHAPE, birth: { input, ...beside } })
}

/** @throws {OtherRelease} when the text has another shape @throws when it is not that of a first entry */
export function birthOf({ text, place }: Entry): Birth {
  const { v, birth } = JSON.parse(text)
  refuseOther(v)
  return { ...birth, input: { ...birth.input, at: place.ms } }
}

/** A command without its time, and the mark of one that may be repeated. */
export function commandText({ at: _, ...command }: SessionCommand, mark: Mark | undefined): string {
  return JSON.stringify({ v: ENTRY_SHAPE, command, mark })
}

/** @throws {OtherRelease} when the text has another shape @throws when it is not that of a command */
export function commandOf({ text, place }: Entry): {
  readonly command: SessionCommand
  readonly mark?: Mark
} {
  const { v, command, mark } = JSON.parse(text)
  refuseOther(v)
  return { command: { ...command, at: place.ms }, mark }
}

/** @returns the text and its digest, behind the shapes of what is digested: `<entry>.<session>:<digest>` */
export function snapshotText({ nonces, session }: Snapshot): { readonly sum: string; readonly body: string } {
  const body = JSON.stringify({ v: ENTRY_SHAPE, snapshot: { nonces, session } })
  return { sum: `${ENTRY_SHAPE}.${session.shape}:${digestOf(body)}`, body }
}

/** @throws {OtherRelease} when it has a shape that is not read here @throws when the text is not whole */
export function snapshotOf(text: string): Snapshot & { readonly place: Place } {
  const [id = '', sum = ''] = text.split(' ', 2)
  const body = text.slice(id.length + sum.length + 2)
  if (digestOf(body) !== sum.slice(sum.indexOf(':') + 1))
    throw new Error('a snapshot is not what was written')
  const { v, snapshot } = JSON.parse(body)
  refuseOther(v)
  return { ...snapshot, session: migrated(snapshot.session), place: placeOf(id) }
}

function refuseOther(shape: unknown): void {
  if (shape !== ENTRY_SHAPE) throw new OtherRelease(`what has the shape ${shape} is not read here`)
}

function digestOf(body: string): string {
  return hash('sha256', body).slice(0, SUM_LENGTH)
}

/** The entries of an answer of Redis: `[[id, [field, value, …]], …]`. */
export function entriesOf(reply: unknown): Entry[] {
  if (!Array.isArray(reply)) return []
  return reply.map(([id, fields]) => {
    const values = new Map<string, string>()
    for (let index = 0; index < fields.length; index += 2) values.set(fields[index], fields[index + 1])
    return { place: placeOf(id), nonce: values.get('n') ?? '', text: values.get('c') ?? '' }
  })
}
