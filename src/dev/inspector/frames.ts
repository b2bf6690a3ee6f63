/*
 * The frames on the inspector's socket, one JSON object per text frame. Actor, event and snapshot have the
 * shapes of Stately's inspector, so that its page can read along; microsteps are this project's own.
 */

export type FrameKind = '@xstate.actor' | '@xstate.event' | '@xstate.snapshot' | '@xstate.microstep'

interface FrameBase {
  /** The version of the shapes, which follow Stately's package, not of this project. */
  readonly _version: string
  /** Milliseconds since 1970, as text. */
  readonly createdAt: string
  /** Counts the frames of this server. */
  readonly id: string
  /** The supervisor's id. */
  readonly rootId: string
  /** The actor that this frame is about; a new one after a restart. */
  readonly sessionId: string
}

/** A value as JSON, containing only selected members. */
export type Shown = string | number | boolean | null | readonly Shown[] | { readonly [name: string]: Shown }

/** A running timer. */
export interface ShownTimer {
  /** The delay's name in the chart. */
  readonly delay: string
  /** The node that it belongs to. */
  readonly stateId: string
  /** Milliseconds since 1970. */
  readonly dueAt: number
}

export interface ShownSnapshot {
  readonly status: string
  /** XState's state value. */
  readonly value: Shown
  readonly tags: readonly string[]
  /** A vote's value is `hidden` until the reveal. */
  readonly context: Shown
  readonly timers: readonly ShownTimer[]
}

/** The scalars of an event, without a vote's value. */
export interface ShownEvent {
  readonly type: string
  readonly [name: string]: string | number | boolean
}

export interface ActorFrame extends FrameBase {
  readonly type: '@xstate.actor'
  readonly name: string
  readonly parentId?: string
  /** The machine's configuration as JSON text, without an initial context. */
  readonly definition: string
  readonly snapshot: ShownSnapshot
}

export interface EventFrame extends FrameBase {
  readonly type: '@xstate.event'
  readonly event: ShownEvent
  readonly sourceId?: string
}

export interface SnapshotFrame extends FrameBase {
  readonly type: '@xstate.snapshot'
  readonly event: ShownEvent
  readonly snapshot: ShownSnapshot
}

/** A transition that was taken. */
export interface ShownTransition {
  readonly eventType: string
  readonly source: string
  /** Empty: the actor stayed in its state. */
  readonly targets: readonly string[]
  readonly guard: string | null
}

export interface MicrostepFrame extends FrameBase {
  readonly type: '@xstate.microstep'
  readonly event: ShownEvent
  readonly transitions: readonly ShownTransition[]
}

export type Frame = ActorFrame | EventFrame | SnapshotFrame | MicrostepFrame
