import type { NodeId } from '../../../machines/ids.js'
import type { SessionCommand } from '../../../machines/session/commands.js'
import type { Follower, SessionCommandLog } from '../../runtime/command-log.js'
import type { LogFigures, ReloadReason } from '../../runtime/log-figures.js'
import type { Mark } from '../../runtime/marks.js'
import type { Outcome } from '../../runtime/outcome.js'
import { OtherRelease } from '../../runtime/persisted-session.js'
import { CatchUps } from './catch-ups.js'
import { type Checkpoint, Checkpoints } from './checkpoints.js'
import { AWAY_MS, type Connection, isErrorReply, isRefusal, within } from './connection.js'
import { commandOf, commandText, type Entry, entriesOf, idOf, type Place, placeOf } from './entry.js'
import type { SessionKeys } from './keys.js'
import { isOf, type Nonces } from './nonces.js'
import { OffTrackError, Places } from './places.js'
import { type Proposal, Proposals } from './proposals.js'
import { APPEND, READ } from './scripts.js'

/** Milliseconds between two attempts to find out what became of a call. */
const RETRY_MS = 100

const UNAVAILABLE: Outcome = { type: 'unavailable' }

export interface SessionLogOptions {
  readonly connection: Connection
  /** This process. */
  readonly node: NodeId
  /** The session's id. */
  readonly id: string
  readonly keys: SessionKeys
  /** How long Redis keeps a session to which nobody adds, in milliseconds. */
  readonly ttlMs: number
  /** Rises with every call, across all sessions of this process. */
  readonly nextNonce: () => string
  /** Those of this session, up to {@link place}. */
  readonly nonces: Nonces
  /** The place of the entry applied last. */
  readonly place: Place
  readonly figures: LogFigures
  /** Whether the session is over; asked when its log is gone. @throws when Redis does not answer */
  readonly isOver: () => Promise<boolean>
  readonly onFault: (error: unknown) => void
  /**
   * What is here cannot continue from the log: it must be loaded again.
   * @param isForked - what was carried out here, and perhaps shown, is not in the log
   */
  readonly onDropped: (isForked: boolean) => void
}

/**
 * The log of one session. Commands are appended blind: all those waiting go in one call, one call at a time,
 * and each is judged when it is applied, in its place. A call carries a deadline, so a command not heard of
 * by then has no place, or will be found when Redis answers again; it is never sent twice. What other
 * processes add is read when it is announced, and whenever somebody must know.
 */
export class SessionLog implements SessionCommandLog {
  readonly #options: SessionLogOptions
  readonly #keys: readonly [string, string]
  readonly #proposals: Proposals
  readonly #checkpoints: Checkpoints
  readonly #places: Places
  readonly #catchUps: CatchUps
  #follower: Follower
  /** Until this is set, the entries carried out are those read when the session was loaded. */
  #isFollowed = false
  #isSending = false
  #isDropped = false

  constructor(follower: Follower, options: SessionLogOptions) {
    const { connection, keys, ttlMs, onFault, place } = options
    this.#options = options
    this.#keys = [keys.log, keys.snap]
    this.#proposals = new Proposals(onFault, connection.ack !== 'written')
    const onDiverged = () => this.#drop('diverged')
    this.#checkpoints = new Checkpoints({ connection, keys: this.#keys, ttlMs, onFault, onDiverged })
    this.#follower = follower
    this.#places = new Places(place)
    this.#catchUps = new CatchUps({
      read: () => this.#read(),
      reached: () => this.#places.newest.seq,
      isAvailable: () => !this.#isDropped && connection.isAvailable,
      onFault,
    })
  }

  /** Whether commands are waiting for their place. */
  get isBusy(): boolean {
    return this.#isSending
  }

  /** Hands the commands to another follower from now on. */
  follow(follower: Follower): void {
    this.#follower = follower
    this.#isFollowed = true
  }

  propose(command: SessionCommand, settled: (outcome: Outcome) => void, mark?: Mark): void {
    const { connection, nextNonce, figures } = this.#options
    if (this.#isDropped || !connection.isAvailable || this.#proposals.isFull) {
      settled(UNAVAILABLE)
      return
    }
    // If the log was read just now and nothing is on its way, a refusal need not go into the log.
    const refused =
      this.#catchUps.isFresh && this.#proposals.isEmpty
        ? this.#follower.refuses({ ...command, at: connection.now() }, mark)
        : null
    if (refused !== null) {
      settled(refused)
      return
    }
    const until = performance.now() + AWAY_MS
    this.#proposals.add({
      nonce: nextNonce(),
      text: commandText(command, mark),
      until,
      settled: figures.timed(settled),
      outcome: null,
    })
    this.#sendSoon()
  }

  catchUp(then: (isFresh: boolean) => void): void {
    if (this.#isDropped || !this.#options.connection.isAvailable) then(false)
    else this.#catchUps.ask(then)
  }

  /** The number of entries has been announced. */
  hear(seq: number): void {
    this.#catchUps.hear(seq)
    if (!this.#isSending) this.#catchUps.readIfBehind()
  }

  /** Compares where the log ends with what is here. @param head - its last id; '' if there is no log */
  async check(head: string): Promise<void> {
    if (this.#isDropped || this.#isSending) return
    const found = head === '' ? null : placeOf(head)
    const { newest } = this.#places
    if (found !== null && found.seq > newest.seq) this.hear(found.seq)
    else if (head !== idOf(newest)) await this.#mend(head)
  }

  /**
   * Carries out the entries after the place reached.
   * @throws when an entry cannot be read, or one is missing
   */
  carryOut(entries: readonly Entry[]): void {
    for (const entry of entries) this.#take(entry)
  }

  /** All commands of one turn of the event loop are sent together. */
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
      this.#failed(error)
    } finally {
      this.#proposals.close()
      this.#isSending = false
      if (this.#proposals.isWaiting) this.#sendSoon()
      else this.#catchUps.readIfBehind()
    }
  }

  async #append(batch: readonly Proposal[]): Promise<void> {
    const { connection, ttlMs, onFault, id, keys } = this.#options
    // Those after the first have no less time left.
    const leftMs = Math.max(0, (batch[0]?.until ?? 0) - performance.now())
    const notAfter = Math.floor(connection.now() + leftMs)
    const words = batch.flatMap(({ nonce, text }) => [nonce, text])
    const known = idOf(this.#places.newest)
    const before = [known, String(notAfter), String(ttlMs), keys.channel, id]
    let reply: unknown
    try {
      reply = await connection.run(APPEND, this.#keys, [...before, ...words])
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
        this.carryOut(entriesOf(missed))
        for (const [index, { nonce, text }] of batch.entries())
          this.#take({ place: { ms, seq: seq + index }, nonce, text })
        return this.#acknowledge()
      }
      case 'late':
        this.#options.connection.hearTime(Number(said))
        return this.#proposals.putBack()
      case 'gone':
      case 'behind':
        await this.#mend(status === 'gone' ? '' : String(said))
        return this.#proposals.putBack()
      default:
        throw new Error(`an append was answered with ${status}`)
    }
  }

  /** Tells the proposers of what was applied, once it is where it must be. */
  async #acknowledge(): Promise<void> {
    if (this.#options.connection.ack === 'written') return
    const isKept = await this.#options.connection.isKept().catch(() => false)
    this.#proposals.release(isKept)
  }

  /** Nobody knows what became of a call: the log decides, finally once the call's deadline is over. */
  async #findOut(batch: readonly Proposal[], notAfter: number): Promise<void> {
    const { connection } = this.#options
    const isOpen = () => batch.some(({ settled }) => settled !== null)
    while (isOpen()) {
      const reply = await connection.run(READ, [this.#keys[0]], [idOf(this.#places.newest)]).catch(() => null)
      if (Array.isArray(reply)) {
        const [time] = reply
        this.#hearAll(reply)
        await this.#acknowledge()
        if (Number(time) > notAfter) this.#proposals.giveUp(batch)
      }
      if (isOpen()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async #read(): Promise<boolean> {
    try {
      const question = this.#options.connection.run(READ, [this.#keys[0]], [idOf(this.#places.newest)])
      // A reply that comes too late is dropped; its entries are read again later.
      const reply = await within(AWAY_MS, question).catch(() => null)
      if (!Array.isArray(reply)) return false
      this.#hearAll(reply)
      return true
    } catch (error) {
      this.#failed(error)
      return false
    }
  }

  /** @throws {OffTrackError} when the log no longer has what is missing here, as when it was rewritten */
  #hearAll([, entries, last]: readonly unknown[]): void {
    this.carryOut(entriesOf(entries))
    if (last === '') return
    const end = placeOf(last)
    if (end.seq > this.#places.newest.seq) throw new OffTrackError(end, false)
  }

  /**
   * The log does not reach this place: puts back what it lacks, unless something else is there by now, or the
   * session ended while this process was cut off for so long that its log is gone.
   */
  async #mend(head: string): Promise<void> {
    const isOver = head === '' ? await this.#options.isOver().catch(() => null) : false
    if (isOver === null) return
    if (isOver) {
      this.#drop('ended')
    } else if (head === '' || this.#places.has(placeOf(head))) {
      if (await this.#checkpoints.rebuild(this.#here(), head)) this.#options.figures.rebuilds += 1
    } else {
      this.#options.onFault(new Error(`the log has moved on to ${head} without what is here`))
      this.#drop('forked')
    }
  }

  /**
   * Applies an entry in its place, and tells whoever proposed it.
   * @throws {OffTrackError} @throws {OtherRelease} when this release cannot read it
   */
  #take(entry: Entry): void {
    const { place, nonce } = entry
    if (this.#isDropped || !this.#places.isNext(place)) return
    const marked = commandOf(entry)
    this.#places.reach(place)
    const outcome = this.#options.nonces.isNew(nonce) ? this.#apply(marked, nonce) : UNAVAILABLE
    this.#count(entry)
    this.#proposals.settle(nonce, outcome)
    // Others may have carried it out: what is here is no longer compared or captured, but read again.
    if (outcome.type === 'failed' && this.#isFollowed) this.#drop('diverged')
    else this.#checkpoints.reach(place, () => this.#here())
  }

  #count({ nonce, place }: Entry): void {
    const { connection, figures, node } = this.#options
    const origin = !this.#isFollowed ? 'loaded' : isOf(node, nonce) ? 'own' : 'other'
    figures.applied(origin, connection.now() - place.ms)
  }

  #apply({ command, mark }: ReturnType<typeof commandOf>, nonce: string): Outcome {
    try {
      return this.#follower.apply(command, mark, isOf(this.#options.node, nonce))
    } catch (error) {
      this.#options.onFault(error)
      return { type: 'failed', fault: 'INTERNAL_SERVER_ERROR', error }
    }
  }

  #failed(error: unknown): void {
    this.#options.onFault(error)
    if (error instanceof OffTrackError) this.#drop(error.isForked ? 'forked' : 'gap')
    if (error instanceof OtherRelease) this.#drop('other_release')
  }

  /** Stops carrying the session out here. */
  #drop(reason: ReloadReason): void {
    if (this.#isDropped) return
    this.#isDropped = true
    this.#options.figures.reloads[reason] += 1
    this.#proposals.stop()
    this.#options.onDropped(reason === 'forked')
    this.#catchUps.tell(false)
  }

  #here(): Checkpoint {
    return {
      place: this.#places.newest,
      nonces: this.#options.nonces.entries,
      session: this.#follower.persisted(),
    }
  }
}
