import type { SessionCommand } from '../../../machines/session/commands.js'
import type { Follower, SessionCommandLog } from '../../runtime/command-log.js'
import type { Mark } from '../../runtime/marks.js'
import type { Outcome } from '../../runtime/outcome.js'
import { type Checkpoint, Checkpoints } from './checkpoints.js'
import { AWAY_MS, type Connection, isErrorReply, isRefusal } from './connection.js'
import { commandOf, commandText, type Entry, entriesOf, idOf, type Place, placeOf } from './entry.js'
import type { SessionKeys } from './keys.js'
import type { Nonces } from './nonces.js'
import { type Proposal, Proposals } from './proposals.js'
import { APPEND, READ } from './scripts.js'

/** Between two attempts to find out what became of a call, in milliseconds. */
const RETRY_MS = 100

const UNAVAILABLE: Outcome = { type: 'unavailable' }

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
  readonly #proposals: Proposals
  readonly #checkpoints: Checkpoints
  #follower: Follower
  #place: Place
  #isSending = false

  constructor(follower: Follower, options: SessionLogOptions) {
    const { connection, keys, ttlMs, onFault, place } = options
    this.#options = options
    this.#keys = [keys.log, keys.snap]
    this.#proposals = new Proposals(onFault)
    this.#checkpoints = new Checkpoints({ connection, keys: this.#keys, ttlMs, onFault })
    this.#follower = follower
    this.#place = place
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
    if (!connection.isAvailable || this.#proposals.isFull) {
      settled(UNAVAILABLE)
      return
    }
    // Where nothing is on its way that could change the answer, a refusal need not be written down.
    const refused = this.#proposals.isEmpty
      ? this.#follower.refuses({ ...command, at: connection.now() }, mark)
      : null
    if (refused !== null) {
      settled(refused)
      return
    }
    const until = performance.now() + AWAY_MS
    this.#proposals.add({ nonce: nextNonce(), text: commandText(command, mark), until, settled })
    this.#sendSoon()
  }

  /** Carries out what is behind the place that was reached. @throws when an entry cannot be read, or one is missing */
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
      for (let batch = this.#proposals.send(); batch.length > 0; batch = this.#proposals.send()) {
        await this.#append(batch)
        this.#proposals.close()
      }
    } catch (error) {
      this.#options.onFault(error)
    } finally {
      this.#proposals.close()
      this.#isSending = false
      if (this.#proposals.isWaiting) this.#sendSoon()
    }
  }

  async #append(batch: readonly Proposal[]): Promise<void> {
    const { connection, ttlMs, onFault } = this.#options
    // Those behind the first have no less time.
    const leftMs = Math.max(0, (batch[0]?.until ?? 0) - performance.now())
    const notAfter = Math.floor(connection.now() + leftMs)
    const words = batch.flatMap(({ nonce, text }) => [nonce, text])
    const known = idOf(this.#place)
    let reply: unknown
    try {
      reply = await connection.run(APPEND, this.#keys, [known, String(notAfter), String(ttlMs), ...words])
    } catch (error) {
      if (isRefusal(error)) return this.#proposals.giveUp(batch)
      if (isErrorReply(error)) onFault(error)
      await this.#findOut(batch, notAfter)
      return
    }
    await this.#hear(reply, batch)
  }

  async #hear(reply: unknown, batch: readonly Proposal[]): Promise<void> {
    const [status, said, missed] = Array.isArray(reply) ? reply : []
    switch (status) {
      case 'ok': {
        const { ms, seq } = placeOf(said)
        this.catchUp(entriesOf(missed))
        for (const [index, { nonce, text }] of batch.entries())
          this.#take({ place: { ms, seq: seq + index }, nonce, text })
        return
      }
      case 'late':
        this.#options.connection.hearTime(Number(said))
        return this.#proposals.putBack()
      case 'gone':
      case 'behind':
        await this.#checkpoints.rebuild(this.#here())
        return this.#proposals.putBack()
      default:
        throw new Error(`an append was answered with ${status}`)
    }
  }

  /** Nobody knows what became of a call: what the log says counts, and after its time it says so for good. */
  async #findOut(batch: readonly Proposal[], notAfter: number): Promise<void> {
    const { connection } = this.#options
    const isOpen = () => batch.some(({ settled }) => settled !== null)
    while (isOpen()) {
      const reply = await connection.run(READ, [this.#keys[0]], [idOf(this.#place)]).catch(() => null)
      if (Array.isArray(reply)) {
        const [time, entries] = reply
        this.catchUp(entriesOf(entries))
        if (Number(time) > notAfter) this.#proposals.giveUp(batch)
      }
      if (isOpen()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  /** Applies an entry in its place, and tells whoever proposed it. */
  #take(entry: Entry): void {
    const { place, nonce } = entry
    if (place.seq <= this.#place.seq) return
    if (place.seq !== this.#place.seq + 1) throw new Error(`entry ${idOf(place)} is not the next one`)
    this.#place = place
    const outcome = this.#options.nonces.isNew(nonce) ? this.#apply(entry) : UNAVAILABLE
    this.#checkpoints.reach(place, () => this.#here())
    this.#proposals.settle(nonce, outcome)
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

  #here(): Checkpoint {
    return { place: this.#place, nonces: this.#options.nonces.entries, session: this.#follower.persisted() }
  }
}
