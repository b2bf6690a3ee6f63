import { createActor } from 'xstate'
import type { Room, SessionId } from '../../machines/ids.js'
import type { SessionSettings } from '../../machines/session/context.js'
import {
  FREE_PLACES_WARNED,
  type SupervisorActor,
  supervisorMachine,
} from '../../machines/supervisor/machine.js'
import { inTurns } from './in-turns.js'
import type { KnownMark } from './marks.js'
import { type Asked, type Asking, type CreationSurroundings, SessionCreation } from './session-creation.js'
import type { SessionHost } from './session-host.js'
import { SessionIndex } from './session-index.js'
import { SessionLives, type SessionLivesOptions } from './session-lives.js'
import { hasStopped, isDraining, verdictOn } from './supervisor-actor.js'

export interface SupervisorOptions extends SessionLivesOptions {
  /** How many of the sessions one address may have created; 0: any number. */
  readonly sessionsPerAddressMax: number
  /** A session without anybody present for this long may lose its place, in milliseconds; 0: never. */
  readonly desertedMs: number
  /** Those of new sessions. */
  readonly settings: SessionSettings
}

/**
 * All sessions of this process, and the supervisor actor that decides about them: it is asked, and its answer
 * is acted on. Sessions are listed only here; the actor counts them.
 */
export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #index = new SessionIndex()
  readonly #actor: SupervisorActor
  readonly #lives: SessionLives
  readonly #creating: CreationSurroundings

  constructor(options: SupervisorOptions) {
    this.#options = options
    const { clock, commandLog, sessionsMax, sessionsPerAddressMax, desertedMs } = options
    const input = { sessionsMax, sessionsPerAddressMax, desertedMs }
    const actor = createActor(supervisorMachine, { clock, input })
    options.onActor?.({ kind: 'supervisor', actor })
    actor.start()
    const lives = new SessionLives(this.#index, actor, options)
    this.#actor = actor
    this.#lives = lives
    this.#creating = {
      ...options,
      index: this.#index,
      restorer: lives.restorer,
      active: () => this.capacity.active,
      hasStopped: () => hasStopped(actor),
      ask: (question) => verdictOn(actor, question),
      begin: (birth) => lives.begin(birth),
      giveBack: (asked, address) => lives.giveBack(asked, address),
      warnOfCapacity: (active) => this.#warnOfCapacity(active ?? this.capacity.active),
    }
    commandLog.watch({
      created: (id, active) => {
        this.open(id, () => {})
        if (active !== null) this.#warnOfCapacity(active)
      },
      lost: (node, isKilled) => lives.loseNode(node, isKilled),
      dropped: (id, isForked) => lives.loadAnew(id, isForked),
    })
  }

  /** How many sessions there are, and may be. */
  get capacity(): { readonly active: number; readonly max: number } {
    const { active, sessionsMax } = this.#actor.getSnapshot().context
    return { active, max: sessionsMax }
  }

  get isDraining(): boolean {
    return isDraining(this.#actor)
  }

  /** Failures of session actors since the start. */
  get faults(): number {
    return this.#options.telemetry.actorFailures
  }

  sessions(): Iterable<SessionHost> {
    return this.#index.hosts()
  }

  /** A session that runs here already; {@link open} also looks elsewhere. */
  find(id: SessionId): SessionHost | undefined {
    return this.#index.find(id)
  }

  /**
   * Finds a session wherever it was created, up to date with its log.
   * @param then - called once; with the memory log, before this returns. `null`: unknown, since the log is away.
   * `isFresh`: it is up to date; otherwise it is as it was when the log was last there
   */
  open(id: SessionId, then: (found: SessionHost | undefined | null, isFresh: boolean) => void): void {
    const host = this.#index.find(id)
    const found = (isFresh = true) => then(this.#index.find(id), isFresh)
    if (host !== undefined) host.catchUp(found)
    else if (!this.#options.commandLog.isDurable || this.#index.hasEnded(id)) found()
    else this.#lives.restorer.load(id, (isKnown) => (isKnown ? found() : then(null, false)))
  }

  /** {@link open} for the session that has this room. */
  openRoom(room: Room, then: (found: SessionHost | undefined | null) => void): void {
    const { commandLog } = this.#options
    const host = this.#index.inRoom(room)
    if (host !== undefined) {
      host.catchUp(() => then(this.#index.inRoom(room)))
    } else if (commandLog.isDurable) {
      commandLog.inRoom(room).then(
        (id) => (id === null ? then(undefined) : this.open(id, then)),
        () => then(null),
      )
    } else {
      then(undefined)
    }
  }

  /** A creation with this mark in the last ten minutes whose session still exists. */
  made(markId: string): KnownMark | null {
    return this.#index.made(markId, this.#options.clock.now())
  }

  /** Whether this session is remembered as over. */
  hasEnded(id: SessionId): boolean {
    return this.#index.hasEnded(id)
  }

  /**
   * Creates a session if there is a free place, or if a deserted session can give up its own.
   * @param address - what the session counts against, if sessions per address are limited
   */
  create(asked: Asked, address: string, asking: Asking): void {
    const countedFor = this.#options.sessionsPerAddressMax === 0 ? '' : address
    new SessionCreation(asked, countedFor, asking, this.#creating).begin()
  }

  /**
   * Takes over all sessions in the log, before anybody is served. If the cap is lower than it was, those for
   * which there is no place stay in the log.
   * @returns how many run here now, and how many were left
   * @throws when the log goes away meanwhile
   */
  async restore(): Promise<{ readonly sessions: number; readonly left: number }> {
    const { commandLog, sessionsMax } = this.#options
    const { live, ended } = await commandLog.known()
    for (const id of ended) this.#index.remember(id)
    let left = 0
    for (const id of live) {
      if (this.#index.size >= sessionsMax) left += 1
      else await this.#lives.restorer.restoreListed(id)
    }
    return { sessions: this.#index.size, left }
  }

  /** Creates no more sessions. */
  drain(): void {
    this.#actor.send({ type: 'server.drain' })
    for (const host of this.#index.hosts()) host.leave()
  }

  /** Stops all timers and ends all streams. */
  stop(): void {
    this.#actor.send({ type: 'server.stop' })
    for (const host of this.#index.hosts()) host.stop()
    this.#index.clear()
  }

  /** Warns the sessions that have readers when few places are free. @param active - sessions now */
  #warnOfCapacity(active: number): void {
    const { sessionsMax: max } = this.#options
    const free = Math.max(0, max - active)
    if (free > FREE_PLACES_WARNED) return
    const data = { active_sessions: active, max_sessions: max, available_slots: free }
    const hosts = [...this.#index.hosts()].filter(({ readers }) => readers.count > 0)
    inTurns(hosts, (host) => {
      if (!host.hasEnded) host.notify('session_capacity_warning', data)
    })
  }
}
