import type { Card } from '../../machines/card.js'
import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { wholeSession } from './reducer.js'

/** What is known about a participant's own card on the table. */
export type Lying =
  | { readonly type: 'none' }
  | { readonly type: 'known'; readonly card: Card }
  /** It was cast elsewhere, or before this program started; the server knows which. */
  | { readonly type: 'unknown'; readonly submittedAt: string }

/** A card on its way to the server; `null` takes one back. */
export interface SentCard {
  readonly card: Card | null
}

/**
 * Remembers a participant's own hidden card, which is in no frame and no state. A card sent from here belongs
 * to the next vote event of its own. An extra event came from another tab or device; then the card is unknown
 * until somebody says which it is.
 */
export class CardMemory {
  readonly #userId: UserId
  /** Cards whose events are still to come; oldest first. */
  readonly #sent: SentCard[] = []
  readonly #seen = new WeakSet<SentCard>()
  #known: { readonly submittedAt: string; readonly card: Card } | null = null

  constructor(userId: UserId) {
    this.#userId = userId
  }

  /** A card is about to be sent, perhaps again; its event may arrive before the answer. */
  expect(sent: SentCard): void {
    if (sent.card !== null && !this.#seen.has(sent) && !this.#sent.includes(sent)) this.#sent.push(sent)
  }

  /** Whether its event has arrived. */
  hasSeen(sent: SentCard): boolean {
    return this.#seen.has(sent)
  }

  /** Whether events of sent cards are still to come. */
  get isWaiting(): boolean {
    return this.#sent.length > 0
  }

  /** Whether the event of a sent card has not arrived yet. */
  isExpecting(sent: SentCard): boolean {
    return this.#sent.includes(sent)
  }

  /** As far as is known, it was not sent after all. */
  takeBack(sent: SentCard): void {
    const place = this.#sent.indexOf(sent)
    if (place >= 0) this.#sent.splice(place, 1)
  }

  /** What was known may no longer be true. */
  doubt(): void {
    this.#known = null
  }

  /**
   * Handles a frame that the state already includes.
   * @returns when a card sent from here was cast; `null`: none was
   */
  take(frame: AnyEnvelope): { readonly submittedAt: string; readonly card: Card } | null {
    // A whole state means that events were missed.
    if (frame.type === 'voting_started' || wholeSession(frame) !== null) this.#sent.length = 0
    if (frame.type === 'vote_withdrawn' && frame.data.user_id === this.#userId) this.#known = null
    const submittedAt = laidAt(frame, this.#userId)
    if (submittedAt === null) return null
    const sent = this.#sent.shift()
    if (sent === undefined) {
      if (this.#known?.submittedAt !== submittedAt) this.#known = null
      return null
    }
    this.#seen.add(sent)
    if (sent.card !== null) this.#known = { submittedAt, card: sent.card }
    return this.#known
  }

  /** Learns which card was cast at a given time. */
  learn(submittedAt: string, card: Card): void {
    this.#known = { submittedAt, card }
  }

  lying(state: SessionView | null): Lying {
    const vote = state?.current_round?.votes[this.#userId]
    if (vote === undefined) return { type: 'none' }
    if (vote.value !== null) return { type: 'known', card: vote.value }
    const { submitted_at: submittedAt } = vote
    const known = this.#known
    return known?.submittedAt === submittedAt
      ? { type: 'known', card: known.card }
      : { type: 'unknown', submittedAt }
  }
}

/** When a participant cast or replaced a card; `null` if the frame is about something else. */
function laidAt({ type, data }: AnyEnvelope, userId: UserId): string | null {
  switch (type) {
    case 'vote_submitted':
      return data.user_id === userId ? data.submitted_at : null
    case 'vote_changed':
      return data.user_id === userId ? data.vote.submitted_at : null
    default:
      return null
  }
}
