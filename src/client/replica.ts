import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { checksumOf } from './checksum.js'
import { isNotice, isSession } from './frame.js'
import { reduce, wholeSession } from './reducer.js'

/** What became of a frame: news for a reader, known already, or out of step: the connection must be made again. */
export type Taken = 'news' | 'known' | 'out_of_step'

/**
 * A session as one client has it. Frames are taken one at a time, in the order in which they came;
 * what does not follow is not applied, so that the state never goes back and is never guessed. Only
 * the first frame of a connection may bring an older state: then that is what the server has.
 */
export class Replica {
  readonly #fetchSession: () => Promise<unknown>
  #state: SessionView | null
  #isTrusted = true
  #resyncs = 0
  /** The newest event that a reader was told of; behind the state after a sync that overtook the stream. */
  #newest: number
  #gapAt: number | null = null

  /**
   * @param state - to begin with; `null`: the first frame brings it
   * @param fetchSession - asks the server for the whole session
   */
  constructor(state: SessionView | null, fetchSession: () => Promise<unknown>) {
    this.#state = state
    this.#newest = state?.state_version ?? -1
    this.#fetchSession = fetchSession
  }

  get state(): SessionView | null {
    return this.#state
  }

  /** How often the server was asked for the whole session because a checksum differed. */
  get resyncs(): number {
    return this.#resyncs
  }

  /** The version to go on after; `null`: everything is wanted. */
  get version(): number | null {
    return this.#isTrusted && this.#state !== null ? this.#newest : null
  }

  /** The session is over, and its last event was missed. */
  end(): void {
    if (this.#state !== null) this.#state = { ...this.#state, status: 'ended' }
  }

  /**
   * @param frame - `null`: one that makes no sense
   * @param isFirst - of its connection
   */
  async take(frame: AnyEnvelope | null, isFirst: boolean): Promise<Taken> {
    if (frame === null) return this.#distrust()
    // Who knows nothing begins with any whole state.
    const isBeginning = this.version === null && wholeSession(frame) !== null
    try {
      return isBeginning || isNotice(frame)
        ? await this.#takeNotice(frame, isFirst)
        : await this.#takeEvent(frame)
    } catch {
      // It has the form of a frame, and still cannot be applied: whatever it meant, everything says it too.
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
    // A sync may have overtaken the stream: then the state knows it, and only the reader does not.
    const isNews = version > this.#state.state_version
    if (isNews && !(await this.#accept(reduce(this.#state, frame), frame.state_checksum)))
      return this.#distrust()
    this.#newest = version
    return 'news'
  }

  /** Makes a state this client's, or the server's own where the checksum says that they differ. */
  async #accept(next: SessionView, checksum: string | null): Promise<boolean> {
    if (!(await isVerified(next, checksum))) return this.#resync(next.state_version)
    this.#state = next
    this.#isTrusted = true
    return true
  }

  /**
   * By a plain GET, a participant's too: `…/reconnect` is a command, which would put the expiry off
   * and bring somebody back who is away, and its delta says nothing of what no checksum covers.
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

  /** The log has them; where a replay has the same gap, everything is asked for. */
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

/** Where a frame carries no checksum, or the platform computes none, there is nothing to differ. */
async function isVerified(session: SessionView, checksum: string | null): Promise<boolean> {
  if (checksum === null) return true
  const own = await checksumOf(session)
  return own === null || own === checksum
}
