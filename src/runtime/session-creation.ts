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

/** So often a creation is begun anew because another process was faster, or somebody came back. */
const LOOKS_MAX = 4

/** The log is away: nothing can be written down of a new session. */
const AWAY: AdmissionRefusal = {
  code: 'SERVICE_UNAVAILABLE',
  detail: 'New sessions cannot be kept at the moment; try again shortly.',
  facts: {},
}

/** What a session is to be made of. */
export interface Asked extends Omit<SessionInput, 'settings'> {
  /** Where the creation may be repeated. */
  readonly mark?: Mark
}

/** A session that runs, or why there is none. */
export type Made = SessionHost | AdmissionRefusal

/** Who asked for a session; one of these is called once. */
export interface Asking {
  /** With memory as log before the question returns. */
  readonly made: (made: Made) => void
  /** With what was thrown by a session that cannot run. */
  readonly fail: (error: unknown) => void
  /** Another process has made this very session meanwhile: it is to be asked for as a repetition. */
  readonly again: () => void
}

/** What all creations of a process share. */
export interface CreationSurroundings {
  readonly clock: Clock
  readonly commandLog: CommandLog
  readonly settings: SessionSettings
  readonly telemetry: Telemetry
  /** Concurrent sessions at most. */
  readonly sessionsMax: number
  /** With nobody present for this long a session gives its place away, in milliseconds; 0: never. */
  readonly desertedMs: number
  /** Places that are given here. */
  readonly active: () => number
  /** Whether no session runs here any more. */
  readonly hasStopped: () => boolean
  readonly index: SessionIndex
  readonly restorer: SessionRestorer
  /** Has the supervisor's actor decide. */
  readonly ask: (question: SupervisorCommand) => Verdict | null
  /** Has a session run that has its place. @throws when it cannot run; then its place is given back */
  readonly begin: (birth: Birth) => SessionHost
  /** A place that was given is not taken. */
  readonly giveBack: (asked: Pick<SessionInput, 'id' | 'room'>, address: string) => void
  /** @param active - sessions there are now; `null`: as many as are here */
  readonly warnOfCapacity: (active: number | null) => void
}

/**
 * One session that somebody asks for: the supervisor decides whether there is a place, a deserted session gives
 * its own if it must, and the log lists the new one where all processes' sessions are. Whoever was faster there
 * has the place, or the room; then it is looked at what they have done, and decided anew.
 */
export class SessionCreation {
  readonly #asked: Asked
  readonly #address: string
  readonly #asking: Asking
  readonly #surroundings: CreationSurroundings
  /** How often it was looked at what other processes have done. */
  #looks = 0
  /** Their sessions that take a place and are not here. */
  #elsewhere = 0
  /** The one of these that has the room. */
  #inRoom: SessionId | null = null

  /** @param address - whose session it is, where that is limited */
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
      // What is known here may be old: another process's session may be over.
      const mayBeOld =
        this.#looks === 0 && commandLog.isDurable && verdict.refusal.code !== 'SERVICE_UNAVAILABLE'
      if (mayBeOld) this.#lookAround()
      else this.#asking.made(verdict.refusal)
      return
    }
    if (verdict?.type !== 'admitted') throw new Error('the supervisor has not judged an admission')
    if (room !== null) index.reserve(room, id)
    if (verdict.evicted === null) this.#place(null)
    else this.#evict(verdict.evicted)
  }

  /** Looked for only when no place is free. */
  #deserted(): SessionId | null {
    const { active, sessionsMax, clock } = this.#surroundings
    if (active() + this.#elsewhere < sessionsMax) return null
    return desertedLongest(this.#surroundings, this.#census(), clock.now())
  }

  *#census(): Generator<SessionCensus> {
    for (const { id, snapshot } of this.#surroundings.index.hosts())
      yield { id, emptySince: snapshot.context.emptySince }
  }

  /** Ends a deserted session, unless somebody has come back to it at another process. */
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

  /** @param evicted - has given its place, and may be listed still */
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
        // Its place came while this process ended: nobody would stop its timers, and nobody was told of it.
        commandLog.end(placed.birth.input.id)
        return this.#giveUp()
      }
      let host: SessionHost
      try {
        host = begin(placed.birth)
      } catch (error) {
        return this.#asking.fail(error)
      }
      // Where another session has given its place there are as many as before.
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
