import * as z from 'zod'
import type { SessionEvent, SessionEventOf } from '../../machines/session/events.js'
import { ESTIMATION_EVENTS } from './events/estimation.js'
import { LEADERSHIP_EVENTS } from './events/leadership.js'
import { LIFE_EVENTS } from './events/life.js'
import { NOTICES } from './events/notices.js'
import { PEOPLE_EVENTS } from './events/people.js'
import type { After } from './events/record.js'
import { ROUND_EVENTS } from './events/rounds.js'
import { checksum, sessionId, timestamp, version } from './scalars.js'

/*
 * Every type of frame that a stream carries (contract section 6). Each has one record with its schema,
 * its meaning and its projection. How a client applies it is in the client's reducer, which does not
 * compile while a type is missing.
 */

const EVENTS = {
  ...LIFE_EVENTS,
  ...PEOPLE_EVENTS,
  ...ROUND_EVENTS,
  ...ESTIMATION_EVENTS,
  ...LEADERSHIP_EVENTS,
} as const

const RECORDS = { ...EVENTS, ...NOTICES } as const

export type EventType = keyof typeof RECORDS

/** Frames that are not events: they have no version of their own and are not replayed. */
export type NoticeType = keyof typeof NOTICES

/** Every type of frame. */
export const EVENT_TYPES = Object.keys(RECORDS) as readonly EventType[]

export type EventData<Type extends EventType> = {
  [T in EventType]: z.infer<(typeof RECORDS)[T]['data']>
}[Type]

type SessionEvents = { readonly [Type in SessionEvent['type']]: SessionEventOf<Type> }

/** Does not compile when a type of event exists in the domain but not on the wire, or the reverse. */
const PROJECTIONS: {
  readonly [Type in SessionEvent['type']]: {
    readonly project: (event: SessionEvents[Type], after: After) => EventData<Type>
  }
} = EVENTS satisfies Record<SessionEvent['type'], unknown>

/** The `data` of an event, from what happened and the public view of the state after it. */
export function eventData<Type extends SessionEvent['type']>(
  type: Type,
  event: SessionEvents[Type],
  after: After,
): EventData<Type> {
  return PROJECTIONS[type].project(event, after)
}

/** What a type of frame means, in one sentence. */
export function meaningOf(type: EventType): string {
  return RECORDS[type].meaning
}

/** What the `data:` line of a frame holds. */
export interface Envelope<Type extends EventType = EventType> {
  readonly type: Type
  readonly session_id: string
  readonly timestamp: string
  readonly state_version: number
  /** On the last event of a command, the checksum of the state after it; `null` on the events before. */
  readonly state_checksum: string | null
  readonly data: EventData<Type>
}

/** An envelope of any type, told apart by `type`. */
export type AnyEnvelope = { [Type in EventType]: Envelope<Type> }[EventType]

/** The schema of each type's envelope, and of any. */
export const ENVELOPES = EVENT_TYPES.map((type) =>
  z.strictObject({
    type: z.literal(type),
    session_id: sessionId,
    timestamp,
    state_version: version,
    state_checksum: checksum.nullable(),
    data: RECORDS[type].data,
  }),
)

/** What any frame's `data:` line holds, told apart by `type`. */
export const eventView = z.union(ENVELOPES)
