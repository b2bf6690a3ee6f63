import type { SessionCommand } from '../../../machines/session/commands.js'
import type { Follower, SessionCommandLog } from '../../runtime/command-log.js'
import type { Mark } from '../../runtime/marks.js'
import type { Outcome } from '../../runtime/outcome.js'
import { AWAY_MS, type Connection, isErrorReply } from './connection.js'
import {
  commandOf,
  commandText,
  type Entry,
  entriesOf,
  idOf,
  type Place,
  placeOf,
  type Snapshot,
  snapshotText,
} from './entry.js'
import type { SessionKeys } from './keys.js'
import type { Nonces } from './nonces.js'
import { APPEND, READ, REBUILD, SNAPSHOT } from './scripts.js'

/** Every so many entries a session is noted down, to be a snapshot when the next ones are full. */
export const CHECKPOINT = 64
/** Commands of one session that wait for their place; more are told at once that there is none. */
export const WAITING_MAX = 256
/** Of one call, in UTF-16 code units; one command is sent in any case. */
const CALL_LENGTH_MAX = 262_144
/** What is answered after its time may have been late on the way back, in milliseconds. */
const ANSWER_MS = 200
/** Between two attempts to find out what became of a call, in milliseconds. */
const RETRY_MS = 100

const UNAVAILABLE: Outcome = { type: 'unavailable' }

interface Proposal {
  readonly nonce: string
  readonly text: string
  /** When its place must be found, by the process's own measure. */
  readonly until: number
  /** `null`: it was told. */
  settled: ((outcome: Outcome) => void) | null
}

type Checkpoint = Snapshot & { readonly place: Place }

export interface SessionLogOptions {
  readonly connection: Connection
  readonly keys: SessionKeys
  /** How long Redis keeps what nobody adds to, in milliseconds. */
  readonly ttlMs: number
  /** Rises with every call, over all sessions of this process. */
  readonly nextNonce: () => string
  /** Of this session, up to {@link place}. */
  readonly nonces: Nonces
  /** Which entry was applied last. */
  readonly place: Place
  readonly onFault: (error: unknown) => void
}

/**
 * The log of one session. Commands are added blind, all that wait in one call, and one call at a time; each is
 * judged when it is applied, in its place. A call says until when it may be carried out. So a command of which
 * nothing is heard by then has no place, or will be found when Redis answers again; it is never sent twice.
 */
export class SessionLog implements SessionCommandLog {
  readonly #options: SessionLogOptions
  readonly #keys: readonly [string, string]
  #follower: Follower
  #place: Place
  #waiting: Proposal[] = []
  #sent: Proposal[] = []
  #isSending = false
  #timer: NodeJS.Timeout | null = null
  /** The session at the newest checkpoint, which is written at the next. */
  #checkpoint: Checkpoint | null = null

  constructor(follower: Follower, options: SessionLogOptions) {
    this.#options = options
    this.#keys = [options.keys.log, options.keys.snap]
    this.#follower = follower
    this.#place = options.place
  }

  /** Whether something waits for its place. */
  get isBusy(): boolean {
    return this.#isSending
  }

  /** Somebody else carries the commands out from here on. */
  follow(follower: Follower): void {
    this.#follower = follower
  }

  propose(command: SessionCommand, settled: (outcome: Outcome) => void, mark?: Mark): void {
    const { connection, nextNonce } = this.#options
    if (!connection.isAvailable || this.#waiting.length >= WAITING_MAX) {
      settled(UNAVAILABLE)
      return
    }
    // Nothing is on its way that could change the answer, so a refusal need not be written down.
    const isIdle = this.#sent.length + this.#waiting.length === 0
    const refused = isIdle ? this.#follower.refuses({ ...command, at: connection.now() }, mark) : null
    if (refused !== null) settled(refused)
    else {
      const until = performance.now() + AWAY_MS
      this.#waiting.push({ nonce: nextNonce(), text: commandText(command, mark), until, settled })
      this.#timer ??= setTimeout(() => this.#expire(), AWAY_MS + ANSWER_MS)
      this.#sendSoon()
    }
  }

  /** Carries out what is behind the place that was reached. */
  catchUp(entries: readonly Entry[]): void {
    for (const entry of entries) this.#take(entry)
  }

  /** All commands of a turn of the event loop go together. */
  #sendSoon(): void {
    if (this.#isSending) return
    this.#isSending = true
    queueMicrotask(() => this.#send())
  }

  async #send(): Promise<void> {
    try {
      for (let batch = this.#nextBatch(); batch.length > 0; batch = this.#nextBatch()) {
        this.#sent = batch
        await this.#append(batch)
        this.#sent = []
      }
    } catch (error) {
      this.#options.onFault(error)
    } finally {
      for (const proposal of this.#sent.splice(0)) this.#contained(() => settle(proposal, UNAVAILABLE))
      this.#isSending = false
      if (this.#waiting.length > 0) this.#sendSoon()
      else this.#stopTimer()
    }
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #nextBatch(): Proposal[] {
    let length = 0
    const tooMany = this.#waiting.findIndex(({ text }, index) => {
      length += text.length
      return index > 0 && length > CALL_LENGTH_MAX
    })
    return this.#waiting.splice(0, tooMany === -1 ? this.#waiting.length : tooMany)
  }

  async #append(batch: readonly Proposal[]): Promise<void> {
    const { connection, ttlMs } = this.#options
    const [first] = batch
    const leftMs = (first?.until ?? 0) - performance.now()
    const notAfter = connection.now() + Math.max(0, leftMs)
    const words = batch.flatMap(({ nonce, text }) => [nonce, text])
    const known = idOf(this.#place)
    try {
      const reply = await connection.run(APPEND, this.#keys, [
        known,
        String(notAfter),
        String(ttlMs),
        ...words,
      ])
      await this.#hear(reply, batch)
    } catch (error) {
      if (isErrorReply(error)) this.#options.onFault(error)
      await this.#findOut(batch, notAfter)
    }
  }

  async #hear(reply: unknown, batch: readonly Proposal[]): Promise<void> {
    const [status, id, missed] = Array.isArray(reply) ? reply : []
    switch (status) {
      case 'ok': {
        const { ms, seq } = placeOf(id)
        this.catchUp(entriesOf(missed))
        for (const [index, { nonce, text }] of batch.entries())
          this.#take({ place: { ms, seq: seq + index }, nonce, text })
        return
      }
      case 'late':
        this.#options.connection.hearTime(Number(id))
        return this.#putBack(batch)
      case 'gone':
      case 'behind':
        await this.#rebuild()
        return this.#putBack(batch)
      default:
        throw new Error(`an append was answered with ${status}`)
    }
  }

  /** They have no place and never will; those that still have time try again. */
  #putBack(batch: readonly Proposal[]): void {
    const now = performance.now()
    const inTime = batch.filter(({ until, settled }) => settled !== null && until > now)
    for (const proposal of batch) if (!inTime.includes(proposal)) settle(proposal, UNAVAILABLE)
    this.#waiting.unshift(...inTime)
  }

  /** Nobody knows what became of a call: what the log says counts, and after its time it says so for good. */
  async #findOut(batch: readonly Proposal[], notAfter: number): Promise<void> {
    const { connection } = this.#options
    while (batch.some(({ settled }) => settled !== null)) {
      const reply = await connection.run(READ, [this.#keys[0]], [idOf(this.#place)]).catch(() => null)
      if (Array.isArray(reply)) {
        const [time, entries] = reply
        this.catchUp(entriesOf(entries))
        if (Number(time) > notAfter) for (const proposal of batch) settle(proposal, UNAVAILABLE)
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  /** Applies an entry in its place, and tells whoever proposed it. */
  #take(entry: Entry): void {
    const { place, nonce } = entry
    if (place.seq <= this.#place.seq) return
    if (place.seq !== this.#place.seq + 1) throw new Error(`entry ${idOf(place)} is not the next one`)
    this.#place = place
    const outcome = this.#options.nonces.isNew(nonce) ? this.#apply(entry) : UNAVAILABLE
    if (place.seq % CHECKPOINT === 0) this.#contained(() => this.#reachCheckpoint())
    const proposal = this.#sent.find((sent) => sent.nonce === nonce)
    if (proposal !== undefined) this.#contained(() => settle(proposal, outcome))
  }

  #apply(entry: Entry): Outcome {
    const { command, mark } = commandOf(entry)
    try {
      return this.#follower.apply(command, mark)
    } catch (error) {
      this.#options.onFault(error)
      return { type: 'failed', fault: 'INTERNAL_SERVER_ERROR', error }
    }
  }

  /** The one before is written: so many entries stay behind it that readers who were away find theirs. */
  #reachCheckpoint(): void {
    const before = this.#checkpoint
    this.#checkpoint = this.#here()
    if (before !== null) this.#keep(before).catch((error) => this.#options.onFault(error))
  }

  #here(): Checkpoint {
    return { place: this.#place, nonces: this.#options.nonces.entries, session: this.#follower.persisted() }
  }

  async #keep({ place, ...snapshot }: Checkpoint): Promise<void> {
    const { connection, ttlMs } = this.#options
    const { sum, body } = snapshotText(snapshot)
    try {
      const reply = await connection.run(SNAPSHOT, this.#keys, [idOf(place), sum, body, String(ttlMs)])
      if (reply === 'diverged')
        this.#options.onFault(new Error(`a snapshot at ${idOf(place)} is other than the one that is there`))
    } catch (error) {
      // What the connection has not carried is written at the next checkpoint, of a later one.
      if (isErrorReply(error)) throw error
    }
  }

  /** Redis has lost the session or its end, and this process has it: it is put back as it is. */
  async #rebuild(): Promise<void> {
    const { connection, ttlMs, onFault } = this.#options
    onFault(new Error(`the log ends before ${idOf(this.#place)}; it is written again from memory`))
    const { place, ...snapshot } = this.#here()
    const { sum, body } = snapshotText(snapshot)
    await connection.run(REBUILD, this.#keys, [idOf(place), sum, body, String(ttlMs)])
    this.#checkpoint = null
  }

  /** Whoever has waited long enough is told; what was sent may still be found. */
  #expire(): void {
    const now = performance.now()
    const isDue = ({ until }: Proposal) => until + ANSWER_MS <= now
    const due = [...this.#sent, ...this.#waiting].filter(isDue)
    this.#waiting = this.#waiting.filter((proposal) => !isDue(proposal))
    for (const proposal of due) this.#contained(() => settle(proposal, UNAVAILABLE))
    const next = [...this.#sent, ...this.#waiting].find(({ settled }) => settled !== null)
    this.#timer = next === undefined ? null : setTimeout(() => this.#expire(), next.until + ANSWER_MS - now)
  }

  #contained(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#options.onFault(error)
    }
  }
}

function settle(proposal: Proposal, outcome: Outcome): void {
  const { settled } = proposal
  proposal.settled = null
  settled?.(outcome)
}
