import { batch, computed, signal } from '@preact/signals'
import {
  type AnyEnvelope,
  type ClientSnapshot,
  MagnaPPError,
  type SessionClient,
  type SessionView,
} from '../../client/client.js'
import { forgetSeat, type KeptSeat, keepSeat } from '../device/seats.js'
import { announce, silence } from '../live/announcer.js'
import { heardAt, serverNow } from '../server-clock.js'
import { say } from '../words/say.js'
import { missedSentence } from './missed.js'
import { narrate } from './narrator.js'
import { outcomeOf } from './outcome.js'
import { Undo, type UndoableAction } from './undo.js'
import { cardsOf, isObserver, personOf } from './view.js'

/** One's own card in the open round. */
export interface OwnCard {
  readonly card: string | null
  /** Chosen, and not at the server yet. */
  readonly isPending: boolean
}

const NO_CARD: OwnCard = { card: null, isPending: false }

/** The end that was announced. */
export interface Expiring {
  readonly at: string
  readonly reason: string
  /** Somebody stirred, and it was asked to be put off. */
  readonly isPutOff: boolean
}

/** What comes within this after the line is back, and is older than that, was missed. */
const CATCHING_UP_MS = 400

/** For so long after a change the round's buttons are inert: who presses twice meant the button before. */
const SETTLING_MS = 1_000
const SECOND_MS = 1_000

/** What whoever leads asks of the server for the round. */
export type LeadCommand = 'start' | 'reveal' | 'pause' | 'resume' | 'extend'

/**
 * A table that the page follows: what is known of it, as signals, and what can be done there. What
 * comes in is taken over once a drawn frame, so that a whole team's cards cost one drawing.
 */
export class Table {
  readonly client: SessionClient
  readonly seat: KeptSeat | null
  readonly #snapshot
  readonly session = computed(() => this.#snapshot.value.state)
  readonly ending = computed(() => this.#snapshot.value.ending)
  readonly connection = computed(() => this.#snapshot.value.connection)
  readonly failure = computed(() => this.#snapshot.value.failure)
  readonly permissions = computed(() => this.#snapshot.value.permissions)
  /** What the revealed round says; `null`: there is none. */
  readonly outcome = computed(() => {
    const session = this.session.value
    const round = session?.current_round ?? null
    return session !== null && round?.is_revealed === true ? outcomeOf(session, round, this.ownId) : null
  })
  readonly own = signal<OwnCard>(NO_CARD)
  /** When the line went away, on the monotonic clock; `null`: it is there. */
  readonly cutAt = signal<number | null>(null)
  readonly ownId: string | null
  readonly me = computed(() =>
    this.session.value === null ? null : personOf(this.session.value, this.ownId),
  )
  readonly isVoter = computed(() => this.me.value !== null && !isObserver(this.me.value))
  readonly isLeader = computed(() => this.permissions.value.isScrumMaster)
  /** The table has just changed: what a press would mean now is not what it meant when the hand went down. */
  readonly isSettling = signal(false)
  /** What the server refused last; `null`: nothing, or it has been read. */
  readonly refusal = signal<MagnaPPError | null>(null)
  /** What is about to happen, and may still be taken back. */
  readonly undo = new Undo((action) => void this.#carryOut(action))
  /** How long the round took that is revealed; `null`: it was before this page came. */
  readonly tookMs = signal<number | null>(null)
  /** What happened while the line was away, in one sentence; `null`: nothing, or it has been read. */
  readonly missed = signal<string | null>(null)
  /** The role has just come to this person. */
  readonly leadsNow = signal(false)
  /** The table is about to end; `null`: it is not. */
  readonly expiring = signal<Expiring | null>(null)
  readonly #stop: () => void
  /** What was replayed since the line came back; `null`: nothing is being caught up with. */
  #replayed: AnyEnvelope[] | null = null
  #backAt = 0
  #heard: SessionView | null = null
  #isDrawn = true
  #leading: LeadCommand | null = null
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(client: SessionClient, seat: KeptSeat | null) {
    this.client = client
    this.seat = seat
    this.ownId = seat?.userId ?? null
    this.#snapshot = signal<ClientSnapshot>(client.snapshot)
    this.#stop = client.subscribe(() => this.#draw())
    void this.#listen()
  }

  /** Stops following; the seat stays taken. */
  close(): void {
    this.#stop()
    this.undo.cancel()
    clearTimeout(this.#settling)
    void this.client.close()
  }

  /** Chooses a card, or takes it back. */
  async choose(card: string | null): Promise<void> {
    if (card === null) return
    this.own.value = { card, isPending: true }
    await this.client.commands.vote(card as never)
    this.own.value = { card, isPending: false }
  }

  /** Leads: what the server refuses is shown, what does not reach it may be pressed again. */
  async lead(command: LeadCommand): Promise<void> {
    // Pressed twice.
    if (this.#leading === command) return
    this.#leading = command
    const before = this.client.state?.status
    await this.#ask(() => this.client.commands[command]())
    this.#leading = null
    // Somebody else was quicker: what was wanted has happened.
    if (this.client.state?.status !== before) this.refusal.value = null
  }

  /** Somebody else leads from now on. */
  async handOver(userId: string): Promise<void> {
    await this.#ask(() => this.client.commands.transfer(userId))
  }

  async #carryOut(action: UndoableAction): Promise<void> {
    await this.#ask(async () => {
      if (action.type === 'remove') await this.client.commands.kick(action.id)
      else if (action.type === 'end') await this.client.commands.end()
      else await this.client.leave()
    })
  }

  async #ask(request: () => Promise<unknown>): Promise<void> {
    try {
      this.refusal.value = null
      await request()
    } catch (error) {
      if (error instanceof MagnaPPError) this.refusal.value = error
    }
  }

  /** Takes over what the client knows, with the next frame that is drawn; a hidden page draws none. */
  #draw(): void {
    if (!this.#isDrawn) return
    this.#isDrawn = false
    if (document.hidden) queueMicrotask(() => this.#take())
    else requestAnimationFrame(() => this.#take())
  }

  #take(): void {
    this.#isDrawn = true
    const before = this.#snapshot.peek()
    const { snapshot } = this.client
    batch(() => {
      this.#snapshot.value = snapshot
      if (before.state !== null && before.state.status !== snapshot.state?.status) this.#settle()
      this.#lookAtLine(snapshot)
    })
    if (snapshot.state !== before.state) this.#remember(snapshot.state)
    const reason = snapshot.ending?.reason
    if (reason === 'kicked' || reason === 'left') forgetSeat(this.client.sessionId)
  }

  #lookAtLine({ connection, state }: ClientSnapshot): void {
    const isCut = connection === 'waiting' && state !== null
    const wasCut = this.cutAt.peek() !== null
    if (isCut && !wasCut) announce('line', say('lineAway'))
    if (wasCut && !isCut) this.#catchUp()
    if (!isCut) this.cutAt.value = null
    else this.cutAt.value ??= performance.now()
  }

  /** Gathers what is replayed, and tells it as one sentence. */
  #catchUp(): void {
    silence('line')
    this.#replayed ??= []
    this.#backAt = serverNow()
    setTimeout(() => {
      const { state } = this.client
      const frames = this.#replayed ?? []
      this.#replayed = null
      if (state === null) return
      this.missed.value = missedSentence(frames, state, this.ownId)
      announce('line', this.missed.value ?? say('lineBack'))
    }, CATCHING_UP_MS)
  }

  async #listen(): Promise<void> {
    try {
      for await (const frame of this.client.events()) this.#hear(frame)
    } catch {
      // The ending says why.
    }
  }

  #hear(frame: AnyEnvelope): void {
    const { state } = this.client
    const isReplayed =
      this.cutAt.peek() !== null || (this.#replayed !== null && Date.parse(frame.timestamp) < this.#backAt)
    heardAt(frame.timestamp)
    if (isReplayed && frame.type !== 'session_updated') {
      this.#replayed ??= []
      this.#replayed.push(frame)
    } else if (state !== null) narrate(frame, state, this.#heard, this.ownId)
    this.#heard = state
    this.#note(frame)
  }

  #note(frame: AnyEnvelope): void {
    switch (frame.type) {
      case 'voting_started':
        this.own.value = NO_CARD
        this.leadsNow.value = false
        this.tookMs.value = null
        break
      case 'round_completed':
        this.tookMs.value = frame.data.duration_seconds * SECOND_MS
        break
      case 'session_expiring':
        this.expiring.value = { at: frame.data.expires_at, reason: 'timeout', isPutOff: false }
        return
      case 'scrum_master_changed':
        this.leadsNow.value = frame.data.scrum_master_id === this.ownId
        break
      case 'state_sync_required':
        void this.#learnOwn()
        break
      case 'session_updated':
        if (frame.data.reason === 'connected') void this.#learnOwn()
        break
      default:
    }
    // Whatever happens restarts the time after which a table ends; only who is there or not does not.
    if (frame.type !== 'user_disconnected') this.expiring.value = null
  }

  async #learnOwn(): Promise<void> {
    const round = this.client.state?.current_round ?? null
    if (this.ownId === null || round === null || !(this.ownId in round.votes)) return
    const { your_vote } = await this.client.commands.reconnect()
    this.own.value = { card: your_vote?.value ?? null, isPending: false }
  }

  #settle(): void {
    this.isSettling.value = true
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.isSettling.value = false
    }, SETTLING_MS)
  }

  #remember(state: SessionView | null): void {
    if (this.seat === null || state === null || state.status === 'ended') return
    keepSeat({
      ...this.seat,
      name: state.name,
      cards: cardsOf(state),
      people: state.participants.map(({ name }) => name),
    })
  }
}
