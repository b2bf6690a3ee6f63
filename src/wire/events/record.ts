import * as z from 'zod'
import type { SessionEvent, SessionEventOf } from '../../../machines/session/events.js'
import type { SessionSnapshot } from '../../../machines/session/machine.js'

/** The state in which an event left the session; its checksum is computed only if somebody asks. */
export interface After {
  readonly snapshot: SessionSnapshot
  readonly checksum: () => string
}

/** A frame that is not an event (contract section 6); its sender supplies the data. */
export interface NoticeRecord<Schema extends z.ZodType = z.ZodType> {
  /** The schema of the frame's `data`. */
  readonly data: Schema
  /** What the frame means, in one sentence. */
  readonly meaning: string
}

/** A type of event: its schema, its meaning, and how its data is projected. */
export interface EventRecord<Type extends SessionEvent['type'], Schema extends z.ZodType>
  extends NoticeRecord<Schema> {
  readonly project: (event: SessionEventOf<Type>, after: After) => z.infer<Schema>
}

/**
 * The definition of one type of event on the wire.
 * @param record - `project` builds its `data` from what happened and the state after it
 */
export function eventRecord<Type extends SessionEvent['type'], Schema extends z.ZodType>(
  _type: Type,
  record: EventRecord<Type, Schema>,
): EventRecord<Type, Schema> {
  return record
}

/** A sentence for a person. */
export const message = z.string().meta({ description: 'one sentence to show to the user' })

/** A value that the chart guarantees to exist; its absence is a fault of the state, not of a client. */
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
