import type { Card } from '../../machines/card.js'
import type { UserId } from '../../machines/ids.js'
import type { AnyEnvelope } from '../wire/events.js'
import type { ReconnectView } from '../wire/sync.js'
import type { SessionView } from '../wire/views.js'
import { CardMemory } from './card-memory.js'
import { isSeatGone, MagnaPPError } from './errors.js'
import { isSession } from './frame.js'
import { NO_VOTE, type OwnVote, type VoteOutcome, type Withdrawal } from './own-vote.js'
import { backoffMs } from './pause.js'
import { uuid } from './send-once.js'
import type { TabMessage } from './tab-messages.js'
import { judgeWish, type Situation, Wish } from './wish.js'

type BallotMessage = Extract<TabMessage, { type: 'chose' | 'laid' }>

export interface BallotOptions {
  readonly userId: UserId
  /** Sends a card, with the same key for all attempts. */
  readonly send: (card: Card | null, key: string) => Promise<unknown>
  /** Fetches the current session. */
  readonly look: () => Promise<unknown>
  readonly reconnect: () => Promise<ReconnectView>
  /** Checks a connection that may be dead without anybody noticing. */
  readonly wake: () => void
  /** Tells other tabs in the same seat. */
  readonly tell: (message: BallotMessage) => void
  /** The server's time, in milliseconds. */
  readonly serverNow: () => number
  readonly onChange: (vote: OwnVote) => void
}

const RETRY_MS = 500
const RETRY_MAX_MS = 10_000
/** The event of an accepted card arrives at once; if it does not, the connection is not what it seems. */
const ECHO_MS = 2_000
/** Whatever holds a card back ends with an event; without one, the server is asked again after this long. */
const HELD_MS = 1_000
/** Another tab that knows its own card answers faster than the server. */
const ASK_MS = 100
const ASK_AGAIN_MS = 5_000

/** Refusals after which the card waits, as the session does. */
const HELD: ReadonlySet<string> = new Set(['GRACE_PERIOD_ERROR', 'SESSION_STATE_CONFLICT'])
const FINAL: ReadonlyMap<string, Withdrawal['reason']> = new Map([
  ['VOTING_ERROR', 'revealed'],
  ['SESSION_NOT_FOUND', 'session_over'],
])

/**
 * Delivers the card that a participant has chosen: the newest one, once. While there is no connection it
 * waits. Then the session is checked before the card is sent, since a card must not fall into a round other
 * than the one it was chosen for.
 */
export class Ballot {
  readonly #options: BallotOptions
  readonly #memory: CardMemory
  readonly #timers = new Map<'step' | 'echo' | 'ask', ReturnType<typeof setTimeout>>()
  #situation: Situation = { state: null, isConnected: false }
  #wish: Wish | null = null
  #withdrawn: { readonly shown: Withdrawal; readonly rounds: readonly (string | null)[] } | null = null
  #isBusy = false
  #isClosed = false
  /** The vote that the server was asked about. */
  #askedFor: string | null = null
  #shown: OwnVote = NO_VOTE

  constructor(options: BallotOptions) {
    this.#options = options
    this.#memory = new CardMemory(options.userId)
  }

  /** Chooses a card, replacing one that was not sent yet; `null` takes the card back. */
  choose(card: Card | null): Promise<VoteOutcome> {
    const roundId = this.#situation.state?.current_round?.id ?? null
    // Pressed twice.
    if (this.#wish?.card === card && this.#wish.roundId === roundId) return this.#wish.outcome
    this.#drop({ type: 'replaced' })
    this.#withdrawn = null
    const { isConnected: isCertain } = this.#situation
    const wish = new Wish({ card, key: uuid(), chosenAt: this.#options.serverNow(), roundId, isCertain })
    this.#wish = wish
    this.#options.tell({ type: 'chose', at: wish.chosenHereAt, key: wish.key })
    if (this.#isClosed) this.#withdraw(wish, 'closed')
    this.#step()
    return wish.outcome
  }

  /** Handles a frame that the state already includes, and the situation after it. */
  take(frame: AnyEnvelope, situation: Situation): void {
    const laid = this.#memory.take(frame)
    if (laid !== null) this.#options.tell({ type: 'laid', ...laid })
    this.update(situation)
  }

  /** Handles a message from another tab in the same seat. */
  hear(message: TabMessage): void {
    if (message.type === 'laid') this.#memory.learn(message.submittedAt, message.card)
    const wish = this.#wish
    if (message.type === 'chose' && wish?.phase === 'queued' && wish.isBefore(message))
      this.#drop({ type: 'replaced' })
    if (message.type === 'laid' || message.type === 'chose') this.#step()
  }

  /** The session or the connection has changed. */
  update(situation: Situation): void {
    const wasConnected = this.#situation.isConnected
    this.#situation = situation
    if (this.#wish !== null && !situation.isConnected) this.#wish.isCertain = false
    if (this.#wish !== null && situation.isConnected && !wasConnected) this.#wish.hurry()
    this.#step()
  }

  /** Sends nothing from now on. @param reason - why not, for what is still waiting */
  close(reason: Withdrawal['reason']): void {
    this.#isClosed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    if (this.#wish?.phase === 'laid') this.#drop({ type: 'cast' })
    else if (this.#wish !== null) this.#withdraw(this.#wish, reason)
    this.#show()
  }

  #step(): void {
    if (this.#isClosed) return
    const { state } = this.#situation
    if (this.#withdrawn?.rounds.includes(state?.current_round?.id ?? null) === false) this.#withdrawn = null
    const wish = this.#wish
    if (wish !== null && this.#hasArrived(wish)) this.#drop({ type: 'cast' })
    else if (wish !== null && this.#isOutdated(wish, state)) this.#drop({ type: 'replaced' })
    else if (wish?.phase === 'queued' && !this.#isBusy) this.#proceed(wish)
    this.#askAboutUnknown()
    this.#show()
  }

  /** Also true if the answer to an earlier attempt was lost and the event shows that it arrived. */
  #hasArrived(wish: Wish): boolean {
    if (wish.card === null) {
      const isNoneThere = this.#memory.lying(this.#situation.state).type === 'none' && !this.#memory.isWaiting
      return isNoneThere && wish.phase !== 'sending' && !this.#isBusy
    }
    if (wish.phase === 'laid') return !this.#memory.isExpecting(wish)
    return wish.phase === 'queued' && this.#memory.hasSeen(wish)
  }

  /** The same person has chosen again since, on another device. */
  #isOutdated(wish: Wish, state: SessionView | null): boolean {
    const lying = this.#memory.lying(state)
    const isWaiting = wish.phase === 'queued' && wish.attempt === 0
    return isWaiting && lying.type === 'unknown' && Date.parse(lying.submittedAt) > wish.chosenAt
  }

  #proceed(wish: Wish): void {
    const verdict = judgeWish(wish, this.#situation, this.#options.userId)
    wish.roundId ??= this.#situation.state?.current_round?.id ?? null
    if (verdict === 'wait') return
    if (verdict !== 'send') this.#withdraw(wish, verdict)
    else if (wish.waitMs > 0) this.#later('step', wish.waitMs, () => this.#step())
    else void this.#bring(wish)
  }

  async #bring(wish: Wish): Promise<void> {
    this.#isBusy = true
    try {
      if (wish.isCertain || (await this.#isStillMeant(wish))) await this.#send(wish)
    } catch (error) {
      await this.#afterFailure(wish, error)
    }
    this.#isBusy = false
    this.#step()
  }

  /** Checks the session before sending a card that may be out of date. */
  async #isStillMeant(wish: Wish): Promise<boolean> {
    const session = await this.#options.look()
    if (!isSession(session)) throw new MagnaPPError(200, null, null)
    if (this.#wish !== wish) return false
    if (this.#isOutdated(wish, session)) {
      this.#drop({ type: 'replaced' })
      return false
    }
    const verdict = judgeWish(wish, { state: session, isConnected: true }, this.#options.userId)
    wish.isCertain = verdict === 'send'
    if (verdict === 'wait') wish.hold(HELD_MS)
    else if (verdict !== 'send') this.#withdraw(wish, verdict, { round: session.current_round?.id ?? null })
    return wish.isCertain
  }

  async #send(wish: Wish): Promise<void> {
    wish.phase = 'sending'
    this.#memory.expect(wish)
    this.#show()
    await this.#options.send(wish.card, wish.key)
    wish.phase = 'laid'
    wish.settle({ type: 'cast' })
    this.#later('echo', ECHO_MS, () => this.#missEcho(wish))
  }

  /** The connection is dead, or the event was attributed to another card. */
  #missEcho(wish: Wish): void {
    if (this.#wish !== wish && !this.#memory.isExpecting(wish)) return
    this.#memory.takeBack(wish)
    this.#memory.doubt()
    this.#options.wake()
    this.#step()
  }

  async #afterFailure(wish: Wish, error: unknown): Promise<void> {
    const ownMs = backoffMs(wish.attempt, RETRY_MS, RETRY_MAX_MS)
    wish.phase = 'queued'
    wish.isCertain = false
    wish.attempt += 1
    if (this.#wish !== wish) return this.#memory.takeBack(wish)
    if (!(error instanceof MagnaPPError) || error.problem === null) {
      // Nobody knows whether it has arrived; the key ensures that it counts once.
      this.#options.wake()
      return wish.hold(ownMs)
    }
    this.#memory.takeBack(wish)
    if (error.code === 'NETWORK_PARTITION') await this.#options.reconnect().catch(() => {})
    if (HELD.has(error.code)) return wish.hold(HELD_MS)
    const isFinal = error.status < 500 && error.status !== 429
    const reason = isSeatGone(error) ? 'left' : (FINAL.get(error.code) ?? 'refused')
    if (isFinal) this.#withdraw(wish, reason, { message: error.problem.message })
    else wish.hold(Math.max(ownMs, (error.retryAfterSeconds ?? 0) * 1_000))
  }

  #withdraw(
    wish: Wish,
    reason: Withdrawal['reason'],
    { message = null, round = null }: { message?: string | null; round?: string | null } = {},
  ): void {
    if (this.#wish !== wish) return
    const shown: Withdrawal = { card: wish.card, reason, message }
    const now = this.#situation.state?.current_round?.id ?? null
    this.#drop({ type: 'withdrawn', ...shown })
    this.#withdrawn = { shown, rounds: [wish.roundId, round, now] }
  }

  #drop(outcome: VoteOutcome): void {
    if (this.#wish?.phase === 'queued') this.#memory.takeBack(this.#wish)
    this.#wish?.settle(outcome)
    this.#wish = null
  }

  #askAboutUnknown(): void {
    const lying = this.#memory.lying(this.#situation.state)
    if (lying.type !== 'unknown' || this.#wish !== null || !this.#situation.isConnected) return
    if (this.#askedFor === lying.submittedAt) return
    this.#askedFor = lying.submittedAt
    this.#later('ask', ASK_MS, () => void this.#ask())
  }

  async #ask(): Promise<void> {
    if (this.#memory.lying(this.#situation.state).type !== 'unknown') return
    try {
      const { your_vote } = await this.#options.reconnect()
      if (your_vote !== null && your_vote.value !== null)
        this.#memory.learn(your_vote.submitted_at, your_vote.value)
      this.#step()
    } catch {
      this.#askedFor = null
      this.#later('ask', ASK_AGAIN_MS, () => this.#step())
    }
  }

  #show(): void {
    const vote = this.#current()
    const { card, phase, withdrawn } = this.#shown
    if (vote.card === card && vote.phase === phase && vote.withdrawn === withdrawn) return
    this.#shown = vote
    this.#options.onChange(vote)
  }

  #current(): OwnVote {
    const withdrawn = this.#withdrawn?.shown ?? null
    // To the user, a card that was accepted is already on its way back.
    if (this.#wish !== null) {
      const { card, phase } = this.#wish
      if (phase !== 'laid') return { card, phase, withdrawn }
      return { card, phase: card === null ? 'none' : 'cast', withdrawn }
    }
    const lying = this.#memory.lying(this.#situation.state)
    switch (lying.type) {
      case 'none':
        return { card: null, phase: 'none', withdrawn }
      case 'known':
        return { card: lying.card, phase: 'cast', withdrawn }
      case 'unknown':
        return { card: null, phase: 'unknown', withdrawn }
    }
  }

  #later(name: 'step' | 'echo' | 'ask', ms: number, act: () => void): void {
    if (this.#isClosed) return
    clearTimeout(this.#timers.get(name))
    this.#timers.set(name, setTimeout(act, ms))
  }
}
