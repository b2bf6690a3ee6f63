import type { AnyEnvelope } from '../../client/client.js'

/**
 * Whether only a person's command can have made this frame: those restart a table's idle time. Timers, streams
 * and notices do not, and a few events come from either: a return, a reveal, the end of a pause.
 */
export function isByPerson(frame: AnyEnvelope): boolean {
  switch (frame.type) {
    case 'user_left':
    case 'mobile_optimization_applied':
    case 'voting_started':
    case 'vote_submitted':
    case 'vote_withdrawn':
    case 'vote_changed':
    case 'round_extended':
    case 'estimate_accepted':
    case 'stories_updated':
    case 'role_changed':
    case 'user_nudged':
      return true
    case 'user_joined':
      return !frame.data.reconnected
    case 'session_updated':
      return frame.data.reason !== 'connected'
    case 'session_paused':
      return frame.data.reason === 'scrum_master'
    case 'scrum_master_changed':
      return frame.data.reason === 'transferred'
    case 'user_disconnected':
    case 'network_partition_detected':
    case 'round_timer_ended':
    case 'votes_revealed':
    case 'round_completed':
    case 'session_resumed':
    case 'session_expiring':
    case 'session_expired':
    case 'grace_period_started':
    case 'grace_period_warning':
    case 'grace_period_ended':
    case 'session_capacity_warning':
    case 'state_sync_required':
    case 'error_recovery_needed':
      return false
  }
}
