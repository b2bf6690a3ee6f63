import { signal } from '@preact/signals'
import type { AnyEnvelope } from '../../client/client.js'
import { knock } from '../device/haptics.js'

/** The end that was announced. */
export interface Expiring {
  readonly at: string
  readonly reason: 'timeout' | 'life_over'
  /** Somebody stirred, and it was asked to be put off. */
  readonly isPutOff: boolean
}

const SECOND_MS = 1_000

/** What happened just now and is told until it has been read, or is no more. */
export class News {
  /** How long the round took that is revealed; `null`: it was before this page came. */
  readonly tookMs = signal<number | null>(null)
  /** The role has just come to this person. */
  readonly leadsNow = signal(false)
  /** Who asks this person for their card; `null`: nobody. */
  readonly askedBy = signal<string | null>(null)
  /** The round's time is up. */
  readonly isTimeUp = signal(false)
  /** The table is about to end; `null`: it is not. */
  readonly expiring = signal<Expiring | null>(null)
  /** A sentence of the server's on something that went wrong; `null`: none, or it has been read. */
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
    // Whatever happens restarts the time after which a table ends; only who is there or not does not. And
    // nothing puts off the end of a table's life.
    const isFinal = this.expiring.peek()?.reason === 'life_over'
    if (frame.type !== 'user_disconnected' && !isFinal) this.expiring.value = null
  }
}
