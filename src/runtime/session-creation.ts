import type { SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionInput, SessionSettings } from '../../machines/session/context.js'
import {
  type AdmissionRefusal,
  desertedLongest,
  type SessionCensus,
} from '../../machines/supervisor/admission.js'
import type { SupervisorCommand, Verdict } from '../../machines/supervisor/machine.js'
import type { CommandLog } from './command-log.js'
import type { Mark } from './marks.js'
import type { Birth } from './persisted-session.js'
import type { SessionHost } from './session-host.js'
import type { SessionIndex } from './session-index.js'
import type { SessionRestorer } from './session-restorer.js'
import type { Telemetry } from './telemetry.js'

/** How often a creation starts over because another process was faster, or somebody came back. */
const LOOKS_MAX = 4

/** The log is away: a new session cannot be recorded. */
const AWAY: AdmissionRefusal = {
  code: 'SERVICE_UNAVAILABLE',
  detail: 'Sessions cannot be created at the moment; try again shortly.',
  facts: {},
}

/** What a session is to be made of. */
export interface Asked extends Omit<SessionInput, 'settings'> {
  /** Present if the creation may be repeated. */
  readonly mark?: Mark
}

/** A running session, or why there is none. */
export type Made = SessionHost | AdmissionRefusal

/** Whoever asked for a session; exactly one of these is called, once. */
export interface Asking {
  /** With the memory log, called before the question returns. */
  readonly made: (made: Made) => void
  /** Called with what a session threw that cannot run. */
  readonly fail: (error: unknown) => void
  /** Another process has meanwhile made this very session: ask for it as a repeat. */
  readonly again: () => void
}

/** What all creations of a process share. */
export interface CreationSurroundings {
  readonly clock: Clock
  readonly commandLog: CommandLog
  readonly settings: SessionSettings
  readonly telemetry: Telemetry
  /** The limit on concurrent sessions. */
  readonly sessionsMax: number
  /** A session without anybody present for this long may lose its place, in milliseconds; 0: never. */
  readonly desertedMs: number
  /** The number of places given out here. */
  readonly active: () => number
  /** Whether this process has stopped running sessions. */
  readonly hasStopped: () => boolean
  readonly index: SessionIndex
  readonly restorer: SessionRestorer
  /** Has the supervisor's actor decide. */
  readonly ask: (question: SupervisorCommand) => Verdict | null
  /** Runs a session that has its place. @throws when it cannot run; its place is then given back */
  readonly begin: (birth: Birth) => SessionHost
  /** Returns a place that was given but not taken. */
  readonly giveBack: (asked: Pick<SessionInput, 'id' | 'room'>, address: string) => void
  /** @param active - sessions now; `null`: as many as are here */
  readonly warnOfCapacity: (active: number | null) => void
}

/**
 * The creation of one session: the supervisor decides whether there is a place, a deserted session gives up
 * its own if need be, and the log lists the new session among those of all processes. If another process was
 * faster and took the place or the room, this one looks at what has changed and decides again.
 */
export class SessionCreation {
  readonly #asked: Asked
  readonly #address: string
  readonly #asking: Asking
  readonly #surroundings: CreationSurroundings
  /** How often it has looked at what other processes did. */
  #looks = 0
  /** The number of their sessions that take a place and are not here. */
  #elsewhere = 0
  /** The one of these that has the room. */
  #inRoom: SessionId | null = null

  /** @param address - what the session counts against, if sessions per address are limited */
  constructor(asked: Asked, address: string, asking: Asking, surroundings: CreationSurroundings) {
    this.#asked = asked
    this.#address = address
    this.#asking = asking
    this.#surroundings = surroundings
  }

  begin(): void {
    const { id, room = null } = this.#asked
    const { index, ask, commandLog } = this.#surroundings
    const inRoom = room === null ? null : (index.idInRoom(room) ?? this.#inRoom)
    const verdict = ask({
      type: 'session.admit',
      address: this.#address,
      inRoom,
      elsewhere: this.#elsewhere,
      deserted: this.#deserted(),
    })
    if (verdict?.type === 'refused') {
      // What is known here may be outdated: another process's session may be over.
      const mayBeOld =
        this.#looks === 0 && commandLog.isDurable && verdict.refusal.code !== 'SERVICE_UNAVAILABLE'
      if (mayBeOld) this.#lookAround()
      else this.#asking.made(verdict.refusal)
      return
    }
    if (verdict?.type !== 'admitted') throw new Error('the supervisor did not decide on an admission')
    if (room !== null) index.reserve(room, id)
    if (verdict.evicted === null) this.#place(null)
    else this.#evict(verdict.evicted)
  }

  /** Looks only when no place is free. */
  #deserted(): SessionId | null {
    const { active, sessionsMax, clock } = this.#surroundings
    if (active() + this.#elsewhere < sessionsMax) return null
    return desertedLongest(this.#surroundings, this.#census(), clock.now())
  }

  *#census(): Generator<SessionCensus> {
    for (const { id, snapshot } of this.#surroundings.index.hosts())
      yield { id, emptySince: snapshot.context.emptySince }
  }

  /** Ends a deserted session, unless somebody has come back to it on another process. */
  #evict(id: SessionId): void {
    const { index, clock } = this.#surroundings
    const host = index.find(id)
    const emptySince = host?.snapshot.context.emptySince ?? null
    if (host === undefined) this.#place(id)
    else if (emptySince === null) this.#beginAnew()
    else
      host.propose({ type: 'session.terminate', at: clock.now(), reason: 'deserted', emptySince }, () => {
        if (host.hasEnded) this.#place(id)
        else this.#beginAnew()
      })
  }

  /** @param evicted - has given up its place, but may still be listed */
  #place(evicted: SessionId | null): void {
    const { mark, ...input } = this.#asked
    const { commandLog, settings, sessionsMax, begin, hasStopped, warnOfCapacity } = this.#surroundings
    const marked = mark === undefined ? {} : { mark }
    const semantics = commandLog.semantics
    const birth = { input: { ...input, settings, semantics }, address: this.#address, ...marked }
    commandLog.create({ birth, sessionsMax, evicted }, (placed) => {
      if (placed.type === 'overtaken') return this.#beginAnew()
      if (placed.type === 'unavailable') return this.#giveUp()
      if (hasStopped()) {
        // Its place came while this process was ending: nobody would stop its timers or was told of it.
        commandLog.end(placed.birth.input.id)
        return this.#giveUp()
      }
      let host: SessionHost
      try {
        host = begin(placed.birth)
      } catch (error) {
        return this.#asking.fail(error)
      }
      // If another session gave up its place, there are as many as before.
      if (evicted === null) warnOfCapacity(placed.active)
      this.#asking.made(host)
    })
  }

  #giveUp(): void {
    const { giveBack, telemetry } = this.#surroundings
    giveBack(this.#asked, this.#address)
    telemetry.commands.unavailable += 1
    this.#asking.made(AWAY)
  }

  #beginAnew(): void {
    if (this.#looks === LOOKS_MAX) {
      this.#giveUp()
    } else {
      this.#surroundings.giveBack(this.#asked, this.#address)
      this.#lookAround()
    }
  }

  #lookAround(): void {
    const { mark, room = null } = this.#asked
    const { restorer, index, clock } = this.#surroundings
    this.#looks += 1
    Promise.all([restorer.lookAround(), restorer.lookIn(room)]).then(
      ([elsewhere, inRoom]) => {
        this.#elsewhere = elsewhere
        this.#inRoom = inRoom
        try {
          if (mark !== undefined && index.made(mark.id, clock.now()) !== null) this.#asking.again()
          else this.begin()
        } catch (error) {
          this.#asking.fail(error)
        }
      },
      () => this.#asking.made(AWAY),
    )
  }
}
