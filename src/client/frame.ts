import type { AnyEnvelope, NoticeType } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'

/*
 * The minimum that this client requires of a frame. It does not use the schemas: they would make the client
 * refuse additions of later servers, and weigh more than the rest of it.
 */

/** The envelope in a frame's text; `null` if there is none. */
export function parseEnvelope(text: string): AnyEnvelope | null {
  try {
    const value: unknown = JSON.parse(text)
    return isEnvelope(value) ? value : null
  } catch {
    return null
  }
}

export function isEnvelope(value: unknown): value is AnyEnvelope {
  if (!isRecord(value)) return false
  const { type, state_version, state_checksum, data } = value
  return (
    typeof type === 'string' &&
    isVersion(state_version) &&
    (state_checksum === null || typeof state_checksum === 'string') &&
    isRecord(data)
  )
}

export function isSession(value: unknown): value is SessionView {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    isVersion(value['state_version']) &&
    Array.isArray(value['participants']) &&
    value['participants'].every(isRecord)
  )
}

/** Whether a frame is a notice: it has no version of its own and is not replayed (contract section 6). */
export function isNotice(envelope: AnyEnvelope): boolean {
  return Object.hasOwn(NOTICES, envelope.type) || isBeginning(envelope)
}

const NOTICES: Readonly<Record<NoticeType, true>> = {
  state_sync_required: true,
  session_capacity_warning: true,
  error_recovery_needed: true,
}

function isBeginning({ type, data }: AnyEnvelope): boolean {
  return type === 'session_updated' && data.reason === 'connected'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
