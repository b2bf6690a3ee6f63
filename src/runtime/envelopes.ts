import type { SessionEvent } from '../../machines/session/events.js'
import type { After } from '../wire/events/record.js'
import { type EventData, type EventType, eventData } from '../wire/events.js'
import { iso } from '../wire/project.js'
import { eventFrame } from '../wire/sse-frame.js'
import type { LoggedEvent } from './event-log.js'

/**
 * Freezes an event for the log.
 * @param isLast - the last event of a command carries the checksum of the resulting state, the others `null`
 */
export function loggedEvent(event: SessionEvent, after: After, isLast: boolean): LoggedEvent {
  const json = JSON.stringify({
    type: event.type,
    session_id: after.snapshot.context.id,
    timestamp: iso(event.at),
    state_version: event.version,
    state_checksum: isLast ? after.checksum() : null,
    data: eventData(event.type, event, after),
  })
  const { version } = event
  return { version, frame: Buffer.from(eventFrame(version, json)) }
}

/** The envelope of a notice: not an event, so it carries the current version instead of a new one. */
export function noticeJson<Type extends EventType>(
  type: Type,
  data: EventData<Type>,
  after: After,
  at: number,
): string {
  const { context } = after.snapshot
  return JSON.stringify({
    type,
    session_id: context.id,
    timestamp: iso(at),
    state_version: context.version,
    state_checksum: after.checksum(),
    data,
  })
}
