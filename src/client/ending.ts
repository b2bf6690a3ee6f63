import type { AnyEnvelope } from '../wire/events.js'
import type { Ending } from './snapshot.js'

/**
 * The ending that an event means for this client, if any.
 * @param userId - the client's participant; `null`: a watcher
 */
export function endingIn({ type, data }: AnyEnvelope, userId: string | null): Ending | null {
  switch (type) {
    case 'session_expired':
      return { reason: data.reason, message: data.message }
    case 'user_left':
      return data.user_id === userId ? { reason: data.reason, message: null } : null
    default:
      return null
  }
}
