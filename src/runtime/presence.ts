import { createActor } from 'xstate'
import type { UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import {
  isAtRest,
  type PresenceActor,
  type PresenceCommand,
  presenceMachine,
} from '../../machines/presence/machine.js'

/** What presence tells its session. */
export interface PresenceListener {
  lost(userId: UserId): void
  restored(userId: UserId): void
  /** The participant's lease ran out: whatever streams they still have are to be ended. */
  cutStreams(userId: UserId): void
  /** An actor is about to start. */
  made?(userId: UserId, actor: PresenceActor): void
}

/**
 * Who of one session's participants is there. A participant with open streams and nothing to wait for
 * is a number; an actor is made when there is something to wait for (the last stream closed, a lease
 * runs), and let go when there is not any more: nearly everybody is at rest nearly always.
 */
export class Presence {
  /** Open streams of those at rest. */
  readonly #streams = new Map<UserId, number>()
  readonly #actors = new Map<UserId, PresenceActor>()
  readonly #clock: Clock
  readonly #debounceMs: number
  readonly #listener: PresenceListener

  constructor(clock: Clock, debounceMs: number, listener: PresenceListener) {
    this.#clock = clock
    this.#debounceMs = debounceMs
    this.#listener = listener
  }

  streamOpened(userId: UserId): void {
    if (this.#actors.has(userId)) this.#send(userId, { type: 'stream.opened' })
    else this.#streams.set(userId, this.#streamsOf(userId) + 1)
  }

  streamClosed(userId: UserId): void {
    const streams = this.#streamsOf(userId)
    if (streams > 1) this.#streams.set(userId, streams - 1)
    else if (streams === 1 || this.#actors.has(userId)) this.#send(userId, { type: 'stream.closed' })
  }

  /** @param leaseMs - within which the next heartbeat must come */
  heartbeat(userId: UserId, leaseMs: number): void {
    this.#send(userId, { type: 'heartbeat', leaseMs })
  }

  reconnected(userId: UserId): void {
    if (this.#actors.has(userId)) this.#send(userId, { type: 'reconnect' })
  }

  /** The participant has left. */
  forget(userId: UserId): void {
    this.#streams.delete(userId)
    this.#actors.get(userId)?.stop()
    this.#actors.delete(userId)
  }

  /** The session is over: what streams do from here on concerns nobody. */
  stop(): void {
    this.#streams.clear()
    for (const userId of [...this.#actors.keys()]) this.forget(userId)
  }

  #streamsOf(userId: UserId): number {
    return this.#streams.get(userId) ?? 0
  }

  #send(userId: UserId, command: PresenceCommand): void {
    const actor = this.#actors.get(userId) ?? this.#wake(userId)
    actor.send(command)
    const snapshot = actor.getSnapshot()
    if (!isAtRest(snapshot) || this.#actors.get(userId) !== actor) return
    this.forget(userId)
    this.#streams.set(userId, snapshot.context.streams)
  }

  /** An actor takes over from the number. */
  #wake(userId: UserId): PresenceActor {
    const input = { debounceMs: this.#debounceMs, streams: this.#streamsOf(userId) }
    this.#streams.delete(userId)
    const actor = createActor(presenceMachine, { clock: this.#clock, input })
    actor.on('lost', () => this.#listener.lost(userId))
    actor.on('restored', () => this.#listener.restored(userId))
    actor.on('lapsed', () => this.#listener.cutStreams(userId))
    this.#actors.set(userId, actor)
    this.#listener.made?.(userId, actor)
    return actor.start()
  }
}
