import { signal } from '@preact/signals'
import type { AnyEnvelope } from '../../client/client.js'
import { knock } from '../device/haptics.js'
import { serverNow } from '../server-clock.js'
import { isByPerson } from './activity.js'

/** The announced end. */
export interface Expiring {
  readonly at: string
  readonly reason: 'timeout' | 'life_over'
  /** Somebody was active, and a postponement was requested. */
  readonly isPutOff: boolean
}

const SECOND_MS = 1_000
/** Whoever arrives this short before the end has missed the server's warning (its default). */
const WARNING_MS = 120_000

/** Recent events, shown until they have been read or are over. */
export class News {
  /** How long the revealed round took; `null`: it was revealed before this page was opened. */
  readonly tookMs = signal<number | null>(null)
  /** The role has just come to this person. */
  readonly leadsNow = signal(false)
  /** Who asked this person for their card; `null`: nobody. */
  readonly askedBy = signal<string | null>(null)
  /** The round's time is up. */
  readonly isTimeUp = signal(false)
  /** The table is about to end; `null`: it is not. */
  readonly expiring = signal<Expiring | null>(null)
  /** The server's message about a problem; `null`: none, or it has been read. */
  readonly trouble = signal<string | null>(null)

  take(frame: AnyEnvelope, ownId: string | null): void {
    switch (frame.type) {
      case 'voting_started':
        this.leadsNow.value = false
        this.tookMs.value = null
        this.askedBy.value = null
        this.isTimeUp.value = false
        break
      case 'vote_submitted':
        if (frame.data.user_id === ownId) this.askedBy.value = null
        break
      case 'round_timer_ended':
        this.isTimeUp.value = true
        break
      case 'round_extended':
        this.isTimeUp.value = false
        break
      case 'votes_revealed':
        this.askedBy.value = null
        break
      case 'round_completed':
        this.tookMs.value = frame.data.duration_seconds * SECOND_MS
        break
      case 'user_nudged':
        if (frame.data.user_id !== ownId) break
        this.askedBy.value = frame.data.by
        knock()
        break
      case 'session_updated': {
        if (frame.data.reason !== 'connected') break
        const { expires_at } = frame.data.session
        if (Date.parse(expires_at) - serverNow() < WARNING_MS)
          this.expiring.value = { at: expires_at, reason: 'timeout', isPutOff: false }
        return
      }
      case 'session_expiring': {
        const { expires_at, reason } = frame.data
        this.expiring.value = { at: expires_at, reason, isPutOff: false }
        return
      }
      case 'scrum_master_changed':
        this.leadsNow.value = frame.data.scrum_master_id === ownId
        break
      case 'error_recovery_needed':
        this.trouble.value = frame.data.message
        break
      default:
    }
    // Nothing postpones the end of a table's lifetime.
    const isFinal = this.expiring.peek()?.reason === 'life_over'
    if (isByPerson(frame) && !isFinal) this.expiring.value = null
  }
}
