import type { InspectionEvent } from 'xstate'
import type { Clock } from '../../../machines/ports.js'
import type { RunningActor } from '../../runtime/running-actor.js'
import type { ActorFrame, Frame } from './frames.js'
import { definitionOf, shownEvent, shownSnapshot, shownTransitions } from './projection.js'

/** The version of Stately's package whose shapes the frames have. */
const SHAPES_VERSION = '0.7.2'
/** How many finished actors stay in the roster: people look for what just ended. */
const ENDED_KEPT_MAX = 20
const FAULTS_SAID_MAX = 10

type Listener = (frame: Frame) => void

interface Watched {
  readonly running: RunningActor
  readonly sessionId: string
  readonly parentId: string | undefined
}

export interface TapOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Called for the first few faults in the tap; the actors are unaffected. */
  readonly onFault: (error: unknown) => void
}

/**
 * Follows the inspection of every actor it is given, and sends {@link Frame}s to listeners. It runs inside
 * the actors' own steps, where an error would surface, so nothing in here throws: faults are counted, and the
 * frame is omitted. Without listeners it does nothing.
 */
export class Tap {
  readonly #options: TapOptions
  readonly #watched = new Map<string, Watched>()
  readonly #listeners = new Set<Listener>()
  #frames = 0
  #faults = 0

  constructor(options: TapOptions) {
    this.#options = options
  }

  /** Frames that could not be made or delivered, since the start. */
  get faults(): number {
    return this.#faults
  }

  /** Follows an actor from here on; call it before the actor starts. */
  watch(running: RunningActor): void {
    this.#contained(() => {
      const { sessionId, system } = running.actor
      const watched = { running, sessionId, parentId: this.#parentOf(running) }
      this.#watched.set(sessionId, watched)
      this.#forgetEnded()
      if (this.#listeners.size > 0) this.#tell(this.#actorFrame(watched))
      system.inspect((event) => {
        if (this.#listeners.size > 0) this.#contained(() => this.#follow(watched, event))
      })
    })
  }

  /** All actors with their current states: the first thing that a new listener gets. */
  roster(): ActorFrame[] {
    return [...this.#watched.values()].flatMap(
      (watched) => this.#contained(() => this.#actorFrame(watched)) ?? [],
    )
  }

  /** @returns unsubscribes */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #follow(watched: Watched, inspected: InspectionEvent): void {
    // An actor's own registration, its actions and what it sends to others are not followed.
    if (inspected.actorRef !== watched.running.actor) return
    const about = this.#about(watched)
    switch (inspected.type) {
      case '@xstate.event': {
        const source = inspected.sourceRef?.sessionId
        this.#tell({
          ...about,
          type: inspected.type,
          event: shownEvent(inspected.event),
          ...(source === undefined ? {} : { sourceId: source }),
        })
        break
      }
      case '@xstate.microstep': {
        const transitions = shownTransitions(inspected._transitions)
        if (transitions.length === 0) return
        this.#tell({ ...about, type: inspected.type, event: shownEvent(inspected.event), transitions })
        break
      }
      case '@xstate.snapshot':
        this.#tell({
          ...about,
          type: inspected.type,
          event: shownEvent(inspected.event),
          snapshot: shownSnapshot(watched.running),
        })
        break
    }
  }

  #tell(frame: Frame): void {
    for (const listener of this.#listeners) this.#contained(() => listener(frame))
  }

  #actorFrame(watched: Watched): ActorFrame {
    const { running, parentId } = watched
    return {
      ...this.#about(watched),
      type: '@xstate.actor',
      name: running.kind === 'supervisor' ? running.kind : `${running.kind} ${running.id}`,
      ...(parentId === undefined ? {} : { parentId }),
      definition: definitionOf(running.kind),
      snapshot: shownSnapshot(running),
    }
  }

  #about({ sessionId }: Watched) {
    this.#frames += 1
    return {
      _version: SHAPES_VERSION,
      createdAt: String(this.#options.clock.now()),
      id: String(this.#frames),
      rootId: this.#newest('supervisor')?.sessionId ?? sessionId,
      sessionId,
    }
  }

  #parentOf(running: RunningActor): string | undefined {
    return running.kind === 'supervisor' ? undefined : this.#newest('supervisor')?.sessionId
  }

  #newest(kind: RunningActor['kind']): Watched | undefined {
    return [...this.#watched.values()].findLast(({ running }) => running.kind === kind)
  }

  #forgetEnded(): void {
    const ended = [...this.#watched.values()].filter(
      ({ running }) => running.actor.getSnapshot().status !== 'active',
    )
    for (const { sessionId } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT_MAX))) {
      this.#watched.delete(sessionId)
    }
  }

  /** The result of an action; `null` when it throws. */
  #contained<Result>(act: () => Result): Result | null {
    try {
      return act()
    } catch (error) {
      this.#faults += 1
      if (this.#faults <= FAULTS_SAID_MAX) this.#options.onFault(error)
      return null
    }
  }
}
