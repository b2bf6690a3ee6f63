import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { checksumOf } from './checksum.js'
import { isNotice, isSession } from './frame.js'
import { reduce, wholeSession } from './reducer.js'

/**
 * The result of handling a frame: news for the reader, already known, or out of step, which requires a new
 * connection.
 */
export type Taken = 'news' | 'known' | 'out_of_step'

/**
 * A session as one client knows it. Frames are handled one at a time, in the order of arrival. A frame that
 * does not follow is not applied, so the state never goes backwards and is never guessed. Only the first
 * frame of a connection may bring an older state: then that is what the server has.
 */
export class Replica {
  readonly #fetchSession: () => Promise<unknown>
  #state: SessionView | null
  #isTrusted = true
  #resyncs = 0
  /** The latest event that a reader was told about; behind the state after a sync that overtook the stream. */
  #newest: number
  #gapAt: number | null = null

  /**
   * @param state - the initial state; `null`: the first frame brings it
   * @param fetchSession - fetches the whole session from the server
   */
  constructor(state: SessionView | null, fetchSession: () => Promise<unknown>) {
    this.#state = state
    this.#newest = state?.state_version ?? -1
    this.#fetchSession = fetchSession
  }

  get state(): SessionView | null {
    return this.#state
  }

  /** How often the whole session was fetched because a checksum did not match. */
  get resyncs(): number {
    return this.#resyncs
  }

  /** The version to continue after; `null`: everything is wanted. */
  get version(): number | null {
    return this.#isTrusted && this.#state !== null ? this.#newest : null
  }

  /** Ends the session, whose last event was missed. */
  end(): void {
    if (this.#state !== null) this.#state = { ...this.#state, status: 'ended' }
  }

  /**
   * @param frame - `null`: one that cannot be parsed
   * @param isFirst - whether it is the first of its connection
   */
  async take(frame: AnyEnvelope | null, isFirst: boolean): Promise<Taken> {
    if (frame === null) return this.#distrust()
    // Without any state, any whole state is a beginning.
    const isBeginning = this.version === null && wholeSession(frame) !== null
    try {
      return isBeginning || isNotice(frame)
        ? await this.#takeNotice(frame, isFirst)
        : await this.#takeEvent(frame)
    } catch {
      // It has the form of a frame but cannot be applied: whatever it meant, a full state says it too.
      return this.#distrust()
    }
  }

  async #takeNotice(frame: AnyEnvelope, isFirst: boolean): Promise<Taken> {
    const whole = wholeSession(frame)
    if (whole === null) return 'news'
    if (!isSession(whole)) return this.#distrust()
    const isOlder = this.#state !== null && whole.state_version < this.#state.state_version
    if (isOlder && !isFirst) return 'known'
    if (!(await this.#accept(whole, whole.state_checksum))) return this.#distrust()
    this.#newest = whole.state_version
    return 'news'
  }

  async #takeEvent(frame: AnyEnvelope): Promise<Taken> {
    const version = frame.state_version
    const after = this.version
    if (this.#state === null || after === null) return this.#distrust()
    if (version <= after) return 'known'
    if (version > after + 1) return this.#missEvents(after)
    // A sync may have overtaken the stream: then the state includes the event, and only the reader does not
    // know it.
    const isNews = version > this.#state.state_version
    if (isNews && !(await this.#accept(reduce(this.#state, frame), frame.state_checksum)))
      return this.#distrust()
    this.#newest = version
    return 'news'
  }

  /** Adopts a state, or the server's own if the checksum does not match. */
  async #accept(next: SessionView, checksum: string | null): Promise<boolean> {
    if (!(await isVerified(next, checksum))) return this.#resync(next.state_version)
    this.#state = next
    this.#isTrusted = true
    return true
  }

  /**
   * Uses a plain GET, even for a participant: `…/reconnect` is a command, which would postpone the expiry and
   * bring back somebody who is away, and its delta omits whatever no checksum covers.
   * @param versionMin - an older answer comes from a cache
   */
  async #resync(versionMin: number): Promise<boolean> {
    this.#resyncs += 1
    const session = await this.#fetchSession()
    if (!isSession(session) || session.state_version < versionMin) return false
    this.#state = session
    this.#isTrusted = true
    return true
  }

  /** The log has the missed events; if a replay has the same gap, everything is requested. */
  #missEvents(after: number): Taken {
    if (this.#gapAt === after) return this.#distrust()
    this.#gapAt = after
    return 'out_of_step'
  }

  #distrust(): Taken {
    this.#isTrusted = false
    return 'out_of_step'
  }
}

/** Without a checksum in the frame, or on the platform, there is nothing to compare. */
async function isVerified(session: SessionView, checksum: string | null): Promise<boolean> {
  if (checksum === null) return true
  const own = await checksumOf(session)
  return own === null || own === checksum
}
