import * as z from 'zod'
import type { SessionEvent, SessionEventOf } from '../../../machines/session/events.js'
import type { SessionSnapshot } from '../../../machines/session/machine.js'

/** The state in which an event left the session; its checksum is computed only if somebody asks. */
export interface After {
  readonly snapshot: SessionSnapshot
  readonly checksum: () => string
}

/** A frame that is no event (contract section 6): whoever sends it says what is in it. */
export interface NoticeRecord<Schema extends z.ZodType = z.ZodType> {
  /** Of the frame's `data`. */
  readonly data: Schema
  /** What it says, in one sentence. */
  readonly meaning: string
}

/** A type of event: what is in it, what it says, and what it is made of. */
export interface EventRecord<Type extends SessionEvent['type'], Schema extends z.ZodType>
  extends NoticeRecord<Schema> {
  readonly project: (event: SessionEventOf<Type>, after: After) => z.infer<Schema>
}

/**
 * All that there is to say about one type of event on the wire.
 * @param record - `project` makes its `data` of what happened and the state after it
 */
export function eventRecord<Type extends SessionEvent['type'], Schema extends z.ZodType>(
  _type: Type,
  record: EventRecord<Type, Schema>,
): EventRecord<Type, Schema> {
  return record
}

/** A sentence for a person. */
export const message = z.string().meta({ description: 'one sentence for a person' })

/** What the chart guarantees to be there; its absence is a fault of the state, not of a client. */
export function assertFound<T>(value: T | null | undefined): T {
  if (value === null || value === undefined)
    throw new Error('an event names something that its state does not hold')
  return value
}

const MINUTE_MS = 60_000

/** A time in minutes, to the hundredth. */
export function minutesOf(ms: number): number {
  return Math.round((ms / MINUTE_MS) * 100) / 100
}

/** The same in words. */
export function minutesText(ms: number): string {
  const minutes = minutesOf(ms)
  return minutes === 1 ? '1 minute' : `${minutes} minutes`
}
