import type { AnyEnvelope } from '../wire/events.js'
import type { Ending } from './snapshot.js'

/**
 * What an event means for following its session: an end of it, or nothing.
 * @param userId - who follows; `null`: a watcher
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
