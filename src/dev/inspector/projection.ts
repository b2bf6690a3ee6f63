import type { AnyEventObject, AnyStateMachine, AnyTransitionDefinition } from 'xstate'
import type { Grace, Participant, Partition } from '../../../machines/session/context.js'
import { type SessionSnapshot, sessionMachine } from '../../../machines/session/machine.js'
import { openStreams } from '../../../machines/session/presence.js'
import type { SessionRules } from '../../../machines/session/rules.js'
import { timersOf } from '../../../machines/session/timers.js'
import { supervisorMachine } from '../../../machines/supervisor/machine.js'
import type { RunningActor } from '../../runtime/running-actor.js'
import { publicState } from '../../wire/project.js'
import type { Shown, ShownEvent, ShownSnapshot, ShownTimer, ShownTransition } from './frames.js'

/*
 * Projects XState's inspection events to what may be seen. Every member is selected by name and nothing is
 * copied whole, so anything added to a context or an event later stays out until it is selected here.
 */

/** The members of an event that say who, what and why. A vote's value, names and tokens are not among them. */
const EVENT_MEMBERS = [
  'at',
  'by',
  'userId',
  'to',
  'roundId',
  'reason',
  'id',
  'node',
  'open',
  'leaseMs',
] as const

const TEXT_LENGTH_MAX = 200

const MACHINES: Readonly<Record<RunningActor['kind'], AnyStateMachine>> = {
  supervisor: supervisorMachine,
  session: sessionMachine,
}

/** An event without its secrets. */
export function shownEvent(event: AnyEventObject): ShownEvent {
  const picked: Record<string, string | number | boolean> = {}
  for (const name of EVENT_MEMBERS) {
    const value: unknown = event[name]
    if (typeof value === 'string') picked[name] = value.slice(0, TEXT_LENGTH_MAX)
    if (typeof value === 'number' || typeof value === 'boolean') picked[name] = value
  }
  return { ...picked, type: String(event.type) }
}

/** An actor's current state with votes masked, and its running timers. */
export function shownSnapshot(running: RunningActor): ShownSnapshot {
  const snapshot = running.actor.getSnapshot()
  return {
    status: snapshot.status,
    value: shownValue(snapshot.value),
    tags: [...snapshot.tags].map(String),
    context: shownContext(running),
    timers: timersShown(running),
  }
}

/** The transitions of a microstep. XState provides them under a private name, so nothing is assumed about them. */
export function shownTransitions(transitions: unknown): ShownTransition[] {
  if (!Array.isArray(transitions)) return []
  return transitions.map((transition: AnyTransitionDefinition) => ({
    eventType: String(transition.eventType),
    source: transition.source.id,
    targets: (transition.target ?? []).map(({ id }) => id),
    guard: nameOf(transition.guard),
  }))
}

/** A chart's configuration as JSON text. The initial context is omitted, since it could contain anything one day. */
export function definitionOf(kind: RunningActor['kind']): string {
  return JSON.stringify({ ...MACHINES[kind].config, context: undefined })
}

function shownContext(running: RunningActor): Shown {
  switch (running.kind) {
    case 'session':
      return sessionContext(running.actor.getSnapshot())
    case 'supervisor': {
      const { sessionsMax, active, restarts } = running.actor.getSnapshot().context
      return { sessionsMax, active, restarts: restarts.map(({ id, at }) => ({ id, at })) }
    }
  }
}

/** The round comes from the wire's own projection, the only place that masks votes. */
function sessionContext(snapshot: SessionSnapshot): Shown {
  const { context } = snapshot
  return {
    name: context.name,
    id: context.id,
    revision: context.revision,
    version: context.version,
    events: context.events.map(({ type }) => type),
    round: shownRound(snapshot),
    participants: context.participants.map(shownParticipant),
    scrumMasterId: context.scrumMasterId,
    previousScrumMasterId: context.previousScrumMasterId,
    createdAt: context.createdAt,
    lastActivityAt: context.lastActivityAt,
    idleDeadline: context.idleDeadline,
    idleWarnedFor: context.idleWarnedFor,
    roundTimers: context.roundTimers,
    heldAt: context.heldAt,
    room: context.room,
    rules: shownRules(context.rules),
    stories: context.stories.length,
    storiesVersion: context.storiesVersion,
    pastRounds: context.history.length,
    grace: shownGrace(context.grace),
    partition: shownPartition(context.partition),
    endReason: context.endReason,
  }
}

function shownRules(rules: SessionRules): Shown {
  const { deck, revealsItself, roundMs, whoMayReveal, allowsVoteAfterReveal, hasAnonymousVotes, isListed } =
    rules
  return {
    deck: deck.name ?? deck.cards.join(' '),
    revealsItself,
    roundMs,
    whoMayReveal,
    allowsVoteAfterReveal,
    hasAnonymousVotes,
    isListed,
  }
}

function shownParticipant(participant: Participant): Shown {
  const { id, name, role, isOnline, presentUntil, leaseUntil } = participant
  return { id, name, role, isOnline, streams: openStreams(participant), presentUntil, leaseUntil }
}

function shownGrace(grace: Grace | null): Shown {
  if (grace === null) return null
  const { scrumMasterId, startedAt, expiresAt } = grace
  return { scrumMasterId, startedAt, expiresAt }
}

function shownPartition(partition: Partition | null): Shown {
  if (partition === null) return null
  const { detectedAt, affected, missing } = partition
  return { detectedAt, affected, missing }
}

function shownRound(snapshot: SessionSnapshot): Shown {
  const round = publicState(snapshot).current_round
  if (round === null) return null
  const { id, story, attempt, anonymous, is_revealed, votes, statistics } = round
  return {
    id,
    story: story?.title ?? null,
    attempt,
    anonymous,
    is_revealed,
    votes: Object.fromEntries(
      Object.entries(votes).map(([userId, { value }]) => [userId, value ?? 'hidden']),
    ),
    average: statistics?.average ?? null,
    consensus: statistics?.consensus ?? null,
  }
}

/** A session's delayed transitions; the supervisor has none. */
function timersShown(running: RunningActor): ShownTimer[] {
  if (running.kind === 'supervisor') return []
  return timersOf(running.actor.getSnapshot()).map(({ name, stateId, dueAt }) => ({
    delay: name,
    stateId,
    dueAt,
  }))
}

function shownValue(value: unknown): Shown {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shownValue(inner)]))
}

function nameOf(guard: unknown): string | null {
  if (typeof guard === 'string') return guard
  if (typeof guard !== 'object' || guard === null || !('type' in guard)) return null
  return String(guard.type)
}
