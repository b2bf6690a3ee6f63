import type { EpochMs, NodeId, UserId } from '../ids.js'
import type { SessionCommandOf } from './commands.js'
import {
  type NodeStreams,
  type Participant,
  participantOf,
  type SessionContext,
  signOfLifeMs,
} from './context.js'
import type { EventBody } from './events.js'
import { withDrop, withoutDrop } from './partition.js'
import { observe, reach, record } from './record.js'
import { isAnyoneOnline } from './succession.js'

/** How long participants of a lost node count as present, to come back on another (contract section 11). */
export const NODE_LOST_MS = 15_000

/** How a participant's return is reported: whether they asked for a sync, and from which state. */
export type Return = Pick<Extract<EventBody, { type: 'user_joined' }>, 'sync'>

/** How many streams of a participant are open, over all nodes. */
export function openStreams({ streams }: Pick<Participant, 'streams'>): number {
  return streams.reduce((total, { open }) => total + open, 0)
}

/**
 * A node reports how many streams of a participant are open there. An additional stream is a sign of life.
 * When the last one closes they have the debounce's time, and earlier signs of life no longer count.
 */
export function reportStreams(
  context: SessionContext,
  command: SessionCommandOf<'presence.streams'>,
): SessionContext {
  const next = observe(context, command.at)
  const participant = participantOf(next, command.userId)
  if (participant === undefined) return next
  const before = participant.streams.find(({ node }) => node === command.node)?.open ?? 0
  if (command.open === before) return next
  const streams = withLevel(participant.streams, command.node, command.open)
  if (command.open > before) {
    return back(changed(next, command.userId, { streams, presentUntil: null }), command.userId, null)
  }
  const isLastClosed = participant.isOnline && streams.length === 0
  const presentUntil = isLastClosed ? next.now + next.settings.debounceMs : participant.presentUntil
  return changed(next, command.userId, { streams, presentUntil })
}

/**
 * A node is lost, and its streams with it, without their clients having closed them. A participant without
 * another stream stays present for {@link NODE_LOST_MS}, or as long as the command says, to come back, with
 * or without a lease; no event reports an absence.
 */
export function loseNode(
  context: SessionContext,
  { at, node, returnMs = NODE_LOST_MS }: SessionCommandOf<'node.lost'>,
): SessionContext {
  const next = observe(context, at)
  const until = next.now + returnMs
  const participants = next.participants.map((participant) => withoutNode(participant, node, until))
  return { ...next, participants }
}

/** An authenticated request shows that its participant is there. */
export function see(context: SessionContext, command: SessionCommandOf<'presence.seen'>): SessionContext {
  const next = observe(context, command.at)
  return shown(next, command.userId, next.now + signOfLifeMs(next.settings), null)
}

/** A heartbeat is a sign of life for as long as its lease, and puts its participant on that lease. */
export function takeLease(
  context: SessionContext,
  command: SessionCommandOf<'presence.heartbeat'>,
): SessionContext {
  const next = observe(context, command.at)
  const leaseUntil = next.now + command.leaseMs
  return changed(shown(next, command.userId, leaseUntil, null), command.userId, { leaseUntil })
}

/**
 * A participant gives a sign of life: without a stream they count as present at least until `until`. One who
 * was away is back, with `user_joined`.
 */
export function shown(
  context: SessionContext,
  userId: UserId,
  until: EpochMs,
  sync: Return['sync'],
): SessionContext {
  const participant = participantOf(context, userId)
  if (participant === undefined) return context
  const hasStream = participant.streams.length > 0
  const presentUntil = hasStream ? null : Math.max(participant.presentUntil ?? until, until)
  const isNews = presentUntil !== participant.presentUntil
  return back(isNews ? changed(context, userId, { presentUntil }) : context, userId, sync)
}

/** When the first online participant will be away unless something happens; `null`: nobody. */
export function presenceDeadline({ participants }: SessionContext): EpochMs | null {
  let first: EpochMs | null = null
  for (const participant of participants) {
    const deadline = awayAt(participant)
    if (deadline !== null && (first === null || deadline < first)) first = deadline
  }
  return first
}

/**
 * Marks everybody whose time is up as away. A lease takes precedence over sockets: a half-open connection
 * looks healthy for minutes.
 */
export function lapse(context: SessionContext): SessionContext {
  const due = presenceDeadline(context)
  if (due === null) return context
  return context.participants
    .filter((participant) => (awayAt(participant) ?? Number.POSITIVE_INFINITY) <= due)
    .reduce((next, { id }) => away(next, id), reach(context, due))
}

/**
 * Whether a sign of life would change anything now (contract section 6): they are away, or it would move
 * their deadline further out.
 */
export function isSignWanted(context: SessionContext, userId: UserId, at: EpochMs): boolean {
  const participant = participantOf(context, userId)
  if (participant === undefined) return false
  if (!participant.isOnline) return true
  const { presentUntil } = participant
  return presentUntil !== null && presentUntil < at + context.settings.presenceMs
}

function awayAt({ isOnline, presentUntil, leaseUntil }: Participant): EpochMs | null {
  if (!isOnline) return null
  if (presentUntil === null || leaseUntil === null) return presentUntil ?? leaseUntil
  return Math.min(presentUntil, leaseUntil)
}

function away(context: SessionContext, userId: UserId): SessionContext {
  const gone = changed(context, userId, { isOnline: false, presentUntil: null, leaseUntil: null })
  return withDrop(record(attended(gone), { type: 'user_disconnected', userId }), userId)
}

/** Records since when nobody is online, after somebody came or left. */
export function attended(context: SessionContext): SessionContext {
  const emptySince = isAnyoneOnline(context) ? null : (context.emptySince ?? context.now)
  return emptySince === context.emptySince ? context : { ...context, emptySince }
}

function back(context: SessionContext, userId: UserId, sync: Return['sync']): SessionContext {
  if (participantOf(context, userId)?.isOnline !== false) return context
  const returned = record(attended(changed(context, userId, { isOnline: true })), {
    type: 'user_joined',
    userId,
    reconnected: true,
    sync,
  })
  return withoutDrop(returned, userId)
}

function withoutNode(participant: Participant, node: NodeId, until: EpochMs): Participant {
  if (participant.streams.every((level) => level.node !== node)) return participant
  const streams = withLevel(participant.streams, node, 0)
  const isCutOff = participant.isOnline && streams.length === 0
  if (!isCutOff) return { ...participant, streams }
  // A heartbeat could not be received either.
  const { leaseUntil } = participant
  return {
    ...participant,
    streams,
    presentUntil: until,
    leaseUntil: leaseUntil === null ? null : Math.max(leaseUntil, until),
  }
}

function withLevel(streams: readonly NodeStreams[], node: NodeId, open: number): readonly NodeStreams[] {
  const others = streams.filter((other) => other.node !== node)
  return open === 0 ? others : [...others, { node, open }]
}

function changed(context: SessionContext, userId: UserId, change: Partial<Participant>): SessionContext {
  const participants = context.participants.map((participant) =>
    participant.id === userId ? { ...participant, ...change } : participant,
  )
  return { ...context, participants }
}
