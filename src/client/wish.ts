import type { Card } from '../../machines/card.js'
import type { UserId } from '../../machines/ids.js'
import type { SessionView } from '../wire/views.js'
import type { VoteOutcome, Withdrawal } from './own-vote.js'
import { permissionsOf } from './permissions.js'

/** A card that was chosen and is to be cast. */
export class Wish {
  /** `null`: the card is taken back. */
  readonly card: Card | null
  /** Its `Idempotency-Key`, for all attempts. */
  readonly key: string
  /** By the server's clock, in milliseconds: for comparison with other devices. */
  readonly chosenAt: number
  /** By this machine's clock: for comparison with other tabs. */
  readonly chosenHereAt = Date.now()
  /** The round that it is meant for; `null`: the session was not known yet. */
  roundId: string | null
  /** Nothing unknown here can have happened since it was chosen. */
  isCertain: boolean
  /** `laid`: the server has it, and its event is still to come. */
  phase: 'queued' | 'sending' | 'laid' = 'queued'
  /** Failed attempts. */
  attempt = 0
  #heldUntil = 0
  readonly outcome: Promise<VoteOutcome>
  #resolve: (outcome: VoteOutcome) => void = () => {}

  constructor({ card, key, chosenAt, roundId, isCertain }: Choice) {
    this.card = card
    this.key = key
    this.chosenAt = chosenAt
    this.roundId = roundId
    this.isCertain = isCertain
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** How long the next attempt has to wait, in milliseconds. */
  get waitMs(): number {
    return Math.max(0, this.#heldUntil - performance.now())
  }

  hold(ms: number): void {
    this.#heldUntil = performance.now() + ms
  }

  /** The reason for waiting may be gone. */
  hurry(): void {
    this.#heldUntil = 0
  }

  /** Another tab has chosen later; within the same millisecond, all tabs agree on one. */
  isBefore(other: { readonly at: number; readonly key: string }): boolean {
    return other.at > this.chosenHereAt || (other.at === this.chosenHereAt && other.key > this.key)
  }

  /** The first outcome counts. */
  settle(outcome: VoteOutcome): void {
    this.#resolve(outcome)
  }
}

type Choice = Pick<Wish, 'card' | 'key' | 'chosenAt' | 'roundId' | 'isCertain'>

/** What a ballot decides by. */
export interface Situation {
  readonly state: SessionView | null
  readonly isConnected: boolean
}

/** Whether a card may be sent now, may be sent later, or why it never may. */
export function judgeWish(
  { roundId }: Pick<Wish, 'roundId'>,
  { state, isConnected }: Situation,
  userId: UserId,
): 'send' | 'wait' | Withdrawal['reason'] {
  if (state === null) return 'wait'
  if (state.status === 'ended') return 'session_over'
  if (!state.participants.some(({ id }) => id === userId)) return 'left'
  const round = state.current_round
  if (round === null) return roundId === null ? 'no_round' : 'round_over'
  if (roundId !== null && round.id !== roundId) return 'round_over'
  if (permissionsOf(state, userId).canVote) return isConnected ? 'send' : 'wait'
  if (round.is_revealed) return 'revealed'
  // Observers have no card.
  return state.status === 'voting' ? 'refused' : 'wait'
}
