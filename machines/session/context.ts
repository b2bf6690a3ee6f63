import type { Card } from '../card.js'
import type { Deck } from '../deck.js'
import type {
  EpochMs,
  NodeId,
  Revision,
  Room,
  RoundId,
  SessionId,
  TokenDigest,
  UserId,
  Version,
} from '../ids.js'
import type { EndReason, SessionEvent } from './events.js'
import type { ArchivedRound, RoundStory } from './history.js'
import type { MobileProfile } from './mobile.js'
import type { Nudge } from './nudges.js'
import type { Role } from './role.js'
import type { RoundTimers } from './round-timer.js'
import { DEFAULT_RULES, type SessionRules } from './rules.js'
import type { SeatCode } from './seat-codes.js'
import { numbered } from './semantics.js'
import type { Statistics } from './statistics.js'
import type { Story } from './story.js'

/** A session's limits, fixed when it is created. All durations in milliseconds. */
export interface SessionSettings {
  /** The maximum number of participants, including the Scrum Master. */
  readonly participantsMax: number
  /** A participant whose streams have all closed is away after this long; a page refresh is shorter. */
  readonly debounceMs: number
  /** How long a sign of life counts for somebody without a stream. */
  readonly presenceMs: number
  /** The session ends after this long, even while in use; `null`: never. */
  readonly lifeMs: number | null
  /** The session ends after this long without a command. */
  readonly idleMs: number
  /** `session_expiring` this long before that; none when ≥ `idleMs`. */
  readonly idleWarningMs: number
  /** How long to wait for a Scrum Master who disconnected. */
  readonly graceMs: number
  /** `grace_period_warning` this long before that ends; none when ≥ `graceMs`. */
  readonly graceWarningMs: number
  /** How long `revealing` lasts; 0 goes to `results` in the same step. */
  readonly revealMs: number
}

export interface Participant {
  readonly id: UserId
  readonly name: string
  readonly avatar: string
  readonly role: Role
  readonly joinedAt: EpochMs
  readonly isOnline: boolean
  /** Their open streams, waiting polls included; nodes without any are left out. */
  readonly streams: readonly NodeStreams[]
  /** Without a stream they are present until this time; `null` while a stream is open, or when they are away. */
  readonly presentUntil: EpochMs | null
  /** The end of a heartbeat's lease: without another heartbeat they are away from then on, even with open streams. */
  readonly leaseUntil: EpochMs | null
}

/** How many streams a participant has open on one node. */
export interface NodeStreams {
  readonly node: NodeId
  /** 1 or more. */
  readonly open: number
}

export interface Vote {
  readonly userId: UserId
  readonly value: Card
  readonly submittedAt: EpochMs
}

export interface Round {
  readonly id: RoundId
  readonly startedAt: EpochMs
  /** The round's deck, even if the session's deck changes meanwhile. */
  readonly deck: Deck
  /** Who cast what is never revealed, even if the session's rules change. */
  readonly isAnonymous: boolean
  readonly story: RoundStory | null
  /** The number of this round among those for its story, from 1; without a story 1. */
  readonly attempt: number
  /** One vote per voter, in the order of their first casts. */
  readonly votes: readonly Vote[]
  /** Its time limit has passed and nobody has extended it. */
  readonly isTimeUp: boolean
  readonly revealedAt: EpochMs | null
  /** Names of those who cast the votes, one for each, since they may leave later. Set by the reveal. */
  readonly voterNames: readonly string[]
  /** Set by the reveal. */
  readonly statistics: Statistics | null
  /** The estimate that the team agreed on after the reveal. */
  readonly acceptedEstimate: Card | null
}

export interface Grace {
  /** The missing Scrum Master. */
  readonly scrumMasterId: UserId
  readonly startedAt: EpochMs
  readonly expiresAt: EpochMs
  /** `grace_period_warning` was given. */
  readonly isWarned: boolean
}

/** A participant's disconnect, remembered for {@link PARTITION_WINDOW_MS}. */
export interface Drop {
  readonly userId: UserId
  readonly at: EpochMs
}

/** Many disconnected at once; open until each of them is back or has left, or its time is up. */
export interface Partition {
  readonly detectedAt: EpochMs
  readonly expiresAt: EpochMs
  /** Everybody affected, in the order of disconnection. */
  readonly affected: readonly UserId[]
  /** Those of them who are still away. */
  readonly missing: readonly UserId[]
}

export interface SessionContext {
  readonly id: SessionId
  readonly name: string
  /** Its room, if it has one. */
  readonly room: Room | null
  readonly settings: SessionSettings
  readonly rules: SessionRules
  readonly createdAt: EpochMs
  /** The time of the latest step; never goes backwards. */
  readonly now: EpochMs
  readonly lastActivityAt: EpochMs
  /** When the session expires unless a command comes. */
  readonly idleDeadline: EpochMs
  /** The deadline that `session_expiring` announced, once sent; a later command has moved `idleDeadline`. */
  readonly idleWarnedFor: EpochMs | null
  /** `session_expiring` has announced the end of its life. */
  readonly isLifeWarned: boolean
  /** Since when nobody is online; `null`: somebody is. */
  readonly emptySince: EpochMs | null
  /** In the order in which they joined. */
  readonly participants: readonly Participant[]
  readonly scrumMasterId: UserId
  /** The missing Scrum Master during a grace period; after a transfer the previous one; otherwise `null`. */
  readonly previousScrumMasterId: UserId | null
  readonly round: Round | null
  /** Revealed rounds before this one, oldest first. */
  readonly history: readonly ArchivedRound[]
  readonly stories: readonly Story[]
  /** Rises by one with every change of the stories. */
  readonly storiesVersion: number
  readonly roundTimers: RoundTimers
  /** Since when the round's timers are stopped (`paused`, `grace_period`). */
  readonly heldAt: EpochMs | null
  readonly grace: Grace | null
  /** Who was in the session when it was abandoned: only they can resume it. */
  readonly heirs: readonly UserId[]
  readonly drops: readonly Drop[]
  readonly partition: Partition | null
  readonly mobile: readonly MobileProfile[]
  readonly seatCodes: readonly SeatCode[]
  readonly nudges: readonly Nudge[]
  /** The number of accepted commands and ticks, including those without an event. */
  readonly revision: Revision
  readonly version: Version
  /** The events of the latest step, oldest first; empty if there were none. */
  readonly events: readonly SessionEvent[]
  readonly endReason: EndReason | null
  /** How its commands are executed, if not by the first semantics. */
  readonly semantics?: number
}

/** What a session is created from. */
export interface SessionInput {
  readonly id: SessionId
  readonly name: string
  readonly creator: Person
  /** The digest of the creator's token. */
  readonly tokenDigest: TokenDigest
  readonly at: EpochMs
  readonly settings: SessionSettings
  /** The rules that differ from the defaults. */
  readonly rules?: Partial<SessionRules>
  readonly room?: Room | null
  /** How its commands are executed, one of {@link SEMANTICS}; sessions created without it use the first. */
  readonly semantics?: number
}

/** Somebody who takes a seat. */
export type Person = Pick<Participant, 'id' | 'name' | 'avatar'> & { readonly role?: Role }

/** A shared empty list: every session and every participant keeps several. */
const NONE: readonly never[] = []

/** A new session: its creator leads it and is its only participant; version 0, no events. */
export function createContext(input: SessionInput): SessionContext {
  const { id, name, creator, at, settings, rules, room = null } = input
  return {
    id,
    name,
    room,
    settings,
    rules: rules === undefined ? DEFAULT_RULES : { ...DEFAULT_RULES, ...rules },
    createdAt: at,
    now: at,
    lastActivityAt: at,
    idleDeadline: at + settings.idleMs,
    idleWarnedFor: null,
    isLifeWarned: false,
    emptySince: null,
    participants: [newcomer(creator, at, settings)],
    scrumMasterId: creator.id,
    previousScrumMasterId: null,
    round: null,
    history: NONE,
    stories: NONE,
    storiesVersion: 0,
    roundTimers: {},
    heldAt: null,
    grace: null,
    heirs: NONE,
    drops: NONE,
    partition: null,
    mobile: NONE,
    seatCodes: NONE,
    nudges: NONE,
    revision: 0,
    version: 0,
    events: NONE,
    endReason: null,
    ...numbered(input),
  }
}

/** A new participant. Taking the seat is a sign of life, and their only presence until they open a stream. */
export function newcomer(
  { id, name, avatar, role = 'voter' }: Person,
  at: EpochMs,
  settings: SessionSettings,
): Participant {
  return {
    id,
    name,
    avatar,
    role,
    joinedAt: at,
    isOnline: true,
    streams: NONE,
    presentUntil: at + signOfLifeMs(settings),
    leaseUntil: null,
  }
}

/**
 * How far a sign of life moves somebody's deadline: a third further than it counts, so that the next one need
 * not be recorded before that third is over.
 */
export function signOfLifeMs({ presenceMs }: SessionSettings): number {
  return presenceMs + Math.ceil(presenceMs / 3)
}

/** The participant with this id, if there is one. */
export function participantOf<Person extends Pick<Participant, 'id'>>(
  { participants }: { readonly participants: readonly Person[] },
  id: UserId,
): Person | undefined {
  return participants.find((participant) => participant.id === id)
}
