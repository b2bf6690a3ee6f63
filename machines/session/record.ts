import type { EpochMs, Version } from '../ids.js'
import type { SessionContext } from './context.js'
import type { EventBody, SessionEvent } from './events.js'

const NO_EVENTS: readonly SessionEvent[] = []

/**
 * Begins the step of a person's command: time moves on, and with it the idle deadline; the events of the
 * previous step are cleared. A time before the latest step counts as that step's.
 */
export function accept(context: SessionContext, at: EpochMs): SessionContext {
  return { ...context, ...acceptance(context, at) }
}

/** What {@link accept} changes. */
export function acceptance({ now: before, revision, settings }: SessionContext, at: EpochMs) {
  const now = Math.max(at, before)
  return {
    now,
    events: NO_EVENTS,
    revision: revision + 1,
    lastActivityAt: now,
    idleDeadline: now + settings.idleMs,
  } satisfies Partial<SessionContext>
}

/** Begins the step of a server command: time moves on, the idle deadline stays. */
export function observe(context: SessionContext, at: EpochMs): SessionContext {
  return { ...context, now: Math.max(at, context.now), events: NO_EVENTS, revision: context.revision + 1 }
}

/** Begins the step of a timer, as part of a tick: time moves on to when it was due. */
export function reach(context: SessionContext, due: EpochMs): SessionContext {
  return { ...context, now: Math.max(due, context.now), events: NO_EVENTS }
}

/** The step has one more event. */
export function record(context: SessionContext, body: EventBody): SessionContext {
  return { ...context, ...withEvent(context, body) }
}

/** The only place where events are created and the version rises. */
export function withEvent(
  { version: before, now: at, events }: Pick<SessionContext, 'version' | 'now' | 'events'>,
  body: EventBody,
) {
  const version = before + 1
  return { version, events: [...events, { version, at, ...body }] } satisfies Partial<SessionContext>
}

/** Skips all versions up to this one. The only place where versions do not rise by one. */
export function skipVersions(context: SessionContext, version: Version): SessionContext {
  return { ...context, version: Math.max(context.version, version + 1) }
}
