import type { Card } from '../../machines/card.js'
import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { SessionView } from '../wire/views.js'
import { wholeSession } from './reducer.js'

/** Which card of a participant's own lies on the table. */
export type Lying =
  | { readonly type: 'none' }
  | { readonly type: 'known'; readonly card: Card }
  /** It was laid from elsewhere, or before this program began; the server knows it. */
  | { readonly type: 'unknown'; readonly submittedAt: string }

/** A card on its way to the server; `null`: one is taken back. */
export interface SentCard {
  readonly card: Card | null
}

/**
 * Remembers a participant's own hidden card, which is in no frame and no state. A card that was sent
 * from here is that of the next own event; an event too many came of another tab or device, and then it
 * is unknown which card lies there until somebody tells.
 */
export class CardMemory {
  readonly #userId: UserId
  /** Their events are still to come; oldest first. */
  readonly #sent: SentCard[] = []
  readonly #seen = new WeakSet<SentCard>()
  #known: { readonly submittedAt: string; readonly card: Card } | null = null

  constructor(userId: UserId) {
    this.#userId = userId
  }

  /** A card is about to be sent, perhaps again; its event may come before the answer. */
  expect(sent: SentCard): void {
    if (sent.card !== null && !this.#seen.has(sent) && !this.#sent.includes(sent)) this.#sent.push(sent)
  }

  /** Its event has come. */
  hasSeen(sent: SentCard): boolean {
    return this.#seen.has(sent)
  }

  /** There are cards whose events are still to come. */
  get isWaiting(): boolean {
    return this.#sent.length > 0
  }

  /** The event of a card that was sent has not come so far. */
  isExpecting(sent: SentCard): boolean {
    return this.#sent.includes(sent)
  }

  /** It was not sent after all, as far as is known. */
  takeBack(sent: SentCard): void {
    const place = this.#sent.indexOf(sent)
    if (place >= 0) this.#sent.splice(place, 1)
  }

  /** What was known may not be true. */
  doubt(): void {
    this.#known = null
  }

  /**
   * Takes note of a frame that the state has taken in.
   * @returns when a card that was sent from here was laid; `null`: none was
   */
  take(frame: AnyEnvelope): { readonly submittedAt: string; readonly card: Card } | null {
    // With a whole state, events were missed.
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

  /** Whoever knows has told which card it was that was laid at a time. */
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

/** When a participant laid a card, or another in its place; `null`: that is not what a frame is about. */
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
