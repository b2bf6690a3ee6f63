import { signal } from '@preact/signals'
import type { AnyEnvelope, ClientSnapshot, SessionClient } from '../../client/client.js'
import { announce, silence } from '../live/announcer.js'
import { serverNow } from '../server-clock.js'
import { say } from '../words/say.js'
import { missedSentence } from './missed.js'

/** Events that arrive within this time after reconnecting, and are older than that, were missed. */
const CATCHING_UP_MS = 400

/** The connection to the server: whether it is up, and what happened while it was not. */
export class Line {
  /** When the connection was lost, on the monotonic clock; `null`: it is up. */
  readonly cutAt = signal<number | null>(null)
  /** What happened while the connection was down, in one sentence; `null`: nothing, or it has been read. */
  readonly missed = signal<string | null>(null)
  readonly #client: SessionClient
  /** Events replayed since the reconnection; `null`: nothing is being caught up on. */
  #replayed: AnyEnvelope[] | null = null
  #backAt = 0
  /** A line that was never up, and has not failed either, is only being opened. */
  #isOpening = true

  constructor(client: SessionClient) {
    this.#client = client
  }

  look({ connection, failure, state }: ClientSnapshot): void {
    if (connection !== 'waiting' || failure !== null) this.#isOpening = false
    const isCut = connection === 'waiting' && state !== null && !this.#isOpening
    const wasCut = this.cutAt.peek() !== null
    if (isCut && !wasCut) announce('line', say('lineAway'))
    if (wasCut && !isCut) this.#catchUp()
    if (!isCut) this.cutAt.value = null
    else this.cutAt.value ??= performance.now()
  }

  /** @returns whether the frame was missed, and will be reported with the others */
  takes(frame: AnyEnvelope): boolean {
    const isLate = this.#replayed !== null && Date.parse(frame.timestamp) < this.#backAt
    if (frame.type === 'session_updated' || (this.cutAt.peek() === null && !isLate)) return false
    this.#replayed ??= []
    this.#replayed.push(frame)
    return true
  }

  /** Collects the replayed events and reports them in one sentence. */
  #catchUp(): void {
    silence('line')
    this.#replayed ??= []
    this.#backAt = serverNow()
    setTimeout(() => {
      const { state, seat } = this.#client
      const frames = this.#replayed ?? []
      this.#replayed = null
      if (state === null) return
      this.missed.value = missedSentence(frames, state, seat?.userId ?? null)
      announce('line', this.missed.value ?? say('lineBack'))
    }, CATCHING_UP_MS)
  }
}
