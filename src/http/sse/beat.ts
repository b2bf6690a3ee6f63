import type { Clock } from '../../../machines/ports.js'

/** Something that wants to be called back later, without its own timer. */
export interface Beaten {
  beat(): void
}

/** A callback due after a second is at most this early or late. */
const BEAT_MS_MAX = 200
const BEAT_MS_MIN = 10

/**
 * One timer for all streams: a wheel of slots, each a beat apart. A stream that is due is called once, and
 * asks for its next call itself.
 */
export class Beat {
  readonly #clock: Clock
  readonly #beatMs: number
  readonly #slots = new Map<number, Set<Beaten>>()
  readonly #slotOf = new Map<Beaten, number>()
  #now = 0
  #timer: unknown = null

  /** @param shortestMs - the shortest wait that will be requested */
  constructor(clock: Clock, shortestMs: number) {
    this.#clock = clock
    this.#beatMs = Math.max(BEAT_MS_MIN, Math.min(BEAT_MS_MAX, shortestMs))
  }

  /** Calls back after this wait, up to a beat early or late; replaces a pending call. */
  callAfter(waiting: Beaten, waitMs: number): void {
    this.cancel(waiting)
    const slot = this.#now + Math.max(1, Math.ceil(waitMs / this.#beatMs))
    this.#slotOf.set(waiting, slot)
    const others = this.#slots.get(slot)
    if (others === undefined) this.#slots.set(slot, new Set([waiting]))
    else others.add(waiting)
    this.#timer ??= this.#clock.setTimeout(() => this.#turn(), this.#beatMs)
  }

  cancel(waiting: Beaten): void {
    const slot = this.#slotOf.get(waiting)
    if (slot === undefined) return
    this.#slotOf.delete(waiting)
    this.#slots.get(slot)?.delete(waiting)
  }

  #turn(): void {
    this.#now += 1
    const due = this.#slots.get(this.#now) ?? new Set()
    this.#slots.delete(this.#now)
    this.#timer = null
    for (const waiting of due) {
      this.#slotOf.delete(waiting)
      waiting.beat()
    }
    if (this.#slotOf.size > 0) this.#timer ??= this.#clock.setTimeout(() => this.#turn(), this.#beatMs)
  }
}
