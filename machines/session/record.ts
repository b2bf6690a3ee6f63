import type { EpochMs, Version } from '../ids.js'
import type { SessionContext } from './context.js'
import type { EventBody, SessionEvent } from './events.js'

const NO_EVENTS: readonly SessionEvent[] = []

/**
 * Begins the step of a person's command: time moves on, the idle deadline with it, and the events of
 * the step before are gone. A time before the newest step's counts as that step's.
 */
export function accept(context: SessionContext, at: EpochMs): SessionContext {
  const now = Math.max(at, context.now)
  return {
    ...context,
    now,
    events: NO_EVENTS,
    revision: context.revision + 1,
    lastActivityAt: now,
    idleDeadline: now + context.settings.idleMs,
  }
}

/** Begins the step of a command that the server gives: time moves on, the idle deadline stays. */
export function observe(context: SessionContext, at: EpochMs): SessionContext {
  return { ...context, now: Math.max(at, context.now), events: NO_EVENTS, revision: context.revision + 1 }
}

/** Begins the step of a timer, which is a part of a tick: time moves on to when it was due. */
export function reach(context: SessionContext, due: EpochMs): SessionContext {
  return { ...context, now: Math.max(due, context.now), events: NO_EVENTS }
}

/** The one door through which events are made and the version rises. */
export function record(context: SessionContext, body: EventBody): SessionContext {
  const event: SessionEvent = { version: context.version + 1, at: context.now, ...body }
  return { ...context, version: event.version, events: [...context.events, event] }
}

/** None of the versions up to this one is an event's from here on. The only place where they do not rise by one. */
export function skipVersions(context: SessionContext, version: Version): SessionContext {
  return { ...context, version: Math.max(context.version, version + 1) }
}
