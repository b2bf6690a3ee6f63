import { createActor } from 'xstate'
import type { UserId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import { type PresenceActor, presenceMachine } from '../../machines/presence/machine.js'

/** What presence tells its session. */
export interface PresenceListener {
  lost(userId: UserId): void
  restored(userId: UserId): void
  /** The participant's lease ran out: whatever streams they still have are to be ended. */
  cutStreams(userId: UserId): void
  /** An actor is about to start. */
  made?(userId: UserId, actor: PresenceActor): void
}

/** The presence actors of one session's participants; one is made when a participant first gives a sign. */
export class Presence {
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
    this.#actorOf(userId).send({ type: 'stream.opened' })
  }

  streamClosed(userId: UserId): void {
    this.#actors.get(userId)?.send({ type: 'stream.closed' })
  }

  /** @param leaseMs - within which the next heartbeat must come */
  heartbeat(userId: UserId, leaseMs: number): void {
    this.#actorOf(userId).send({ type: 'heartbeat', leaseMs })
  }

  reconnected(userId: UserId): void {
    this.#actors.get(userId)?.send({ type: 'reconnect' })
  }

  /** The participant has left. */
  forget(userId: UserId): void {
    this.#actors.get(userId)?.stop()
    this.#actors.delete(userId)
  }

  stop(): void {
    for (const userId of [...this.#actors.keys()]) this.forget(userId)
  }

  #actorOf(userId: UserId): PresenceActor {
    const known = this.#actors.get(userId)
    if (known !== undefined) return known
    const actor = createActor(presenceMachine, {
      clock: this.#clock,
      input: { debounceMs: this.#debounceMs },
    })
    actor.on('lost', () => this.#listener.lost(userId))
    actor.on('restored', () => this.#listener.restored(userId))
    actor.on('lapsed', () => this.#listener.cutStreams(userId))
    this.#actors.set(userId, actor)
    this.#listener.made?.(userId, actor)
    return actor.start()
  }
}
