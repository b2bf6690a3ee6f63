import { hash } from 'node:crypto'
import type { SessionEvent } from '../../../machines/session/events.js'
import { type SessionSnapshot, sessionMachine, statusOf } from '../../../machines/session/machine.js'
import {
  birthOf,
  commandOf,
  type Entry,
  entriesOf,
  idOf,
  type Place,
  snapshotOf,
  snapshotText,
} from '../../../src/log/redis/entry.js'
import { Nonces } from '../../../src/log/redis/nonces.js'
import type { Outcome } from '../../../src/runtime/outcome.js'
import { SessionReplica } from '../../../src/runtime/session-replica.js'
import { canonicalJson } from '../../../src/sync/canonical-json.js'

/** An entry as it is in Redis, and the session as it was after it. */
export interface Line {
  readonly id: string
  /** The nonce; '' for the first entry. */
  readonly n: string
  readonly c: string
  /** `done`, `repeated`, or `refused` and the code. */
  readonly outcome: string
  /** The digest of {@link essence}. */
  readonly digest: string
  /** The digest of the public state. */
  readonly checksum: string
}

const OPTIONS = { machine: sessionMachine, eventLogSize: 256 }
const DIGEST_LENGTH = 16

/** Carries out the entries of a log as every process does that reads it from Redis. */
export class Replay {
  readonly replica: SessionReplica
  readonly #nonces: Nonces
  #place: Place

  private constructor(replica: SessionReplica, place: Place, nonces: Nonces) {
    this.replica = replica
    this.#place = place
    this.#nonces = nonces
  }

  /** A session at the first entry of its log. */
  static from(first: Entry): Replay {
    return new Replay(new SessionReplica(birthOf(first), OPTIONS), first.place, new Nonces())
  }

  /** A session from a snapshot, in the text that Redis keeps. */
  static at(text: string): Replay {
    const { session, place, nonces } = snapshotOf(text)
    return new Replay(new SessionReplica(session, OPTIONS), place, new Nonces(nonces))
  }

  get place(): Place {
    return this.#place
  }

  get snapshot(): SessionSnapshot {
    return this.replica.snapshot
  }

  /** Is told what every step makes. */
  watch(stepped: (events: readonly SessionEvent[]) => void): void {
    const failed = ({ error }: { readonly error: unknown }) => {
      throw error
    }
    this.replica.watch({ stepped, failed })
  }

  take(entry: Entry): Outcome {
    if (entry.place.seq !== this.#place.seq + 1) throw new Error(`${idOf(entry.place)} is not the next entry`)
    this.#place = entry.place
    if (!this.#nonces.isNew(entry.nonce)) throw new Error(`the nonce ${entry.nonce} is used twice`)
    const { command, mark } = commandOf(entry)
    return this.replica.apply(command, mark)
  }

  /** A snapshot of this place, as it would be in Redis. */
  snapshotText(): string {
    const { sum, body } = snapshotText({ nonces: this.#nonces.entries, session: this.replica.persisted() })
    return `${idOf(this.#place)} ${sum} ${body}`
  }

  /** An entry that was carried out, as it is recorded. @param outcome - `null` for the first one */
  line({ place, nonce, text }: Entry, outcome: Outcome | null): Line {
    return {
      id: idOf(place),
      n: nonce,
      c: text,
      outcome: outcome === null ? 'done' : nameOf(outcome),
      digest: hash('sha256', canonicalJson(essence(this.replica))).slice(0, DIGEST_LENGTH),
      checksum: this.replica.after().checksum(),
    }
  }
}

/**
 * What a session is to everybody, however the chart that makes it is built: it contains neither the names of
 * its states nor XState's own form of it.
 */
function essence({ snapshot, credentials, marks }: SessionReplica) {
  return {
    status: statusOf(snapshot),
    isOver: snapshot.status === 'done',
    context: snapshot.context,
    credentials: credentials.entries(),
    marks: marks.all,
  }
}

function nameOf(outcome: Outcome): string {
  return outcome.type === 'refused' ? `refused ${outcome.refusal.code}` : outcome.type
}

/** The entries of these lines, by way of a reply such as Redis gives. */
export function entriesIn(lines: readonly Line[]): readonly Entry[] {
  return entriesOf(lines.map(({ id, n, c }) => [id, n === '' ? ['c', c] : ['n', n, 'c', c]]))
}
