import { batch, computed, effect, type Signal, signal, untracked } from '@preact/signals'
import type {
  AnyEnvelope,
  ClientSnapshot,
  OwnVote,
  RoundView,
  SessionClient,
  SessionView,
} from '../../client/client.js'
import { forgetSeat, type KeptSeat, keepSeat } from '../device/seats.js'
import { announce, silence } from '../live/announcer.js'
import { keepTimeOf } from '../server-clock.js'
import { say } from '../words/say.js'
import { Backlog } from './backlog.js'
import { Line } from './line.js'
import { type About, Moves, momentOf } from './moves.js'
import { narrate } from './narrator.js'
import { News } from './news.js'
import { outcomeOf, proposalOf } from './outcome.js'
import { PastAttempts } from './past-attempts.js'
import { TYPING_MS } from './typed-card.js'
import { cardsOf, isObserver, personOf } from './view.js'
import { withdrawalWords } from './withdrawal.js'

/** The own card in the open round. */
export interface OwnCard {
  readonly card: string | null
  /** Chosen, but not yet at the server. */
  readonly isPending: boolean
}

/** A story's title while it is edited. It stays the title of this story, whatever the table is at meanwhile. */
export interface TitleEdit {
  /** The story's. */
  readonly id: string
  /** The title when editing began. */
  readonly before: string
  readonly text: Signal<string>
}

/** A title as the server keeps it. */
function titleOf(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').trim()
}

function ownCard({ card, phase }: OwnVote, isCut: boolean): OwnCard {
  return { card, isPending: phase === 'queued' || (phase === 'sending' && isCut) }
}

/**
 * A table that the page follows: its state as signals, and what can be done there. Incoming changes are
 * applied once per frame, so that a whole team's cards cost one drawing.
 */
export class Table {
  readonly client: SessionClient
  readonly seat: KeptSeat | null
  readonly ownId: string | null
  readonly line: Line
  readonly moves: Moves
  readonly backlog: Backlog
  readonly news = new News()
  readonly #attempts: PastAttempts
  readonly #snapshot
  readonly session = computed(() => this.#snapshot.value.state)
  readonly ending = computed(() => this.#snapshot.value.ending)
  readonly connection = computed(() => this.#snapshot.value.connection)
  readonly failure = computed(() => this.#snapshot.value.failure)
  readonly permissions = computed(() => this.#snapshot.value.permissions)
  readonly me = computed(() => this.session.value && personOf(this.session.value, this.ownId))
  readonly isVoter = computed(() => this.me.value !== null && !isObserver(this.me.value))
  readonly isLeader = computed(() => this.permissions.value.isScrumMaster)
  /** The result of the revealed round; `null`: none. */
  readonly outcome = computed(() => {
    const session = this.session.value
    const round = session?.current_round ?? null
    if (session === null || round === null || !round.is_revealed) return null
    return outcomeOf(session, round, this.ownId, this.#attempts.before.value)
  })
  readonly own = computed(() =>
    this.#held.value === null
      ? ownCard(this.#snapshot.value.vote, this.line.cutAt.value !== null)
      : { card: this.#held.value, isPending: true },
  )
  /** Why the last chosen card was not cast; `null`: it was, or this has been read. */
  readonly withdrawn = signal<string | null>(null)
  /** The leader's pick on the ruler for this round; `null`: the proposal. */
  readonly picked = signal<string | null>(null)
  /** The card that would be accepted; `null`: no card that a team can agree on was chosen. */
  readonly estimate = computed(
    () => this.picked.value ?? (this.outcome.value && proposalOf(this.outcome.value)),
  )
  /** The title of a story that is not in the list yet. */
  readonly draft = signal('')
  /** The title that is being edited; `null`: none. */
  readonly edit = signal<TitleEdit | null>(null)
  /** In a result: the hand is shown again, to choose a different card. */
  readonly isRethinking = signal(false)
  /** A typed card that is not sent yet, as further keys may turn it into another one; `null`: none. */
  readonly #held = signal<string | null>(null)
  #holding: ReturnType<typeof setTimeout> | undefined
  /** The version of the stories known here; a session starts with 0, and none. */
  #storiesVersion = 0
  readonly #stops: (() => void)[] = []
  #heard: SessionView | null = null
  #isDrawn = true

  constructor(client: SessionClient, seat: KeptSeat | null) {
    this.client = client
    this.seat = seat
    this.ownId = seat?.userId ?? null
    this.line = new Line(client)
    this.#snapshot = signal<ClientSnapshot>(client.snapshot)
    this.moves = new Moves(client, this.session)
    this.#attempts = new PastAttempts(client)
    this.backlog = new Backlog(computed(() => this.#snapshot.value.stories ?? []))
    keepTimeOf(client)
    this.#remember(client.state)
    // The hand comes first.
    if (client.state !== null) client.followStories()
    this.#stops.push(
      client.subscribe(() => this.#draw()),
      this.#announceRefusals(),
    )
    void this.#listen()
  }

  /** Stops following; the seat is kept. */
  close(): void {
    for (const stop of this.#stops) stop()
    this.#drop()
    this.moves.close()
    void this.client.close()
  }

  /** Chooses a card, or takes it back. It shows at once; the outcome shows when it is known. */
  async choose(card: string | null): Promise<void> {
    this.#drop()
    const outcome = this.client.vote(card)
    this.#take()
    const news = await outcome
    if (news.type !== 'withdrawn') return
    this.withdrawn.value = withdrawalWords(news)
    if (this.withdrawn.value !== null) announce('withdrawn', this.withdrawn.value)
  }

  /** Chooses a card once no further key has followed, unless another choice is made before. */
  hold(card: string): void {
    this.#drop()
    this.#held.value = card
    this.#holding = setTimeout(() => this.chooseHeld(), TYPING_MS)
  }

  /**
   * Chooses the held card now.
   * @returns whether there was one
   */
  chooseHeld(): boolean {
    const card = this.#held.peek()
    if (card === null) return false
    void this.choose(card)
    return true
  }

  #drop(): void {
    clearTimeout(this.#holding)
    this.#held.value = null
  }

  /** Starts a round about the next story of the list, with the typed title, or without a story. */
  async start(): Promise<void> {
    const title = titleOf(this.draft.peek())
    let about: About
    const isDone = await this.moves.start(async () => {
      about = await this.#subject(title)
      return about
    })
    if (isDone && about !== undefined && 'title' in about) this.#clear(title)
  }

  /** Starts another round about the same story. */
  async again(): Promise<void> {
    const story = this.session.peek()?.current_round?.story ?? null
    await this.moves.start(() =>
      story === null ? undefined : story.id === null ? { title: story.title } : { storyId: story.id },
    )
  }

  /** @throws when the stories are not known, and cannot be read */
  async #subject(title: string): Promise<About> {
    const session = this.session.peek()
    const current = session?.current_round?.story?.id ?? null
    let story = this.backlog.next(current)
    // What was typed need not wait for a list that is only being read.
    const isKnown = session?.stories_version === this.#storiesVersion || (story === null && title !== '')
    if (!isKnown) story = this.backlog.next(current, (await this.client.commands.stories.list()).stories)
    return story !== null ? { storyId: story.id } : title !== '' ? { title } : undefined
  }

  /** Clears the draft, unless something else has been written. */
  #clear(title: string): void {
    if (titleOf(this.draft.peek()) === title) this.draft.value = ''
  }

  /** Applies the client's state with the next frame; a hidden page draws none. */
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
    if (snapshot.stories !== before.stories) this.#storiesVersion = snapshot.state?.stories_version ?? 0
    batch(() => {
      this.#snapshot.value = snapshot
      if (before.state !== null && momentOf(before.state) !== momentOf(snapshot.state)) this.moves.settle()
      this.line.look(snapshot)
      this.#attempts.look(snapshot.state)
    })
    if (snapshot.state !== before.state) this.#remember(snapshot.state)
    if (before.state === null && snapshot.state !== null) this.client.followStories()
    const reason = snapshot.ending?.reason
    if (reason === 'kicked' || reason === 'left') forgetSeat(this.client.sessionId)
  }

  /** @returns stops it */
  #announceRefusals(): () => void {
    return effect(() => {
      const refusal = this.moves.refusal.value
      if (refusal === null) silence('refusal')
      else untracked(() => announce('refusal', refusal.problem?.message ?? say('noAnswer')))
    })
  }

  async #listen(): Promise<void> {
    try {
      for await (const frame of this.client.events()) this.#hear(frame)
    } catch {
      // The ending has the reason.
    }
  }

  #hear(frame: AnyEnvelope): void {
    const { state } = this.client
    const before = this.#heard
    if (!this.line.takes(frame) && state !== null) narrate(frame, state, before, this.ownId)
    this.#heard = state
    this.news.take(frame, this.ownId)
    const round = state?.current_round ?? null
    if (round !== null && round.id !== before?.current_round?.id) this.#beginRound(round)
  }

  #beginRound({ story }: RoundView): void {
    this.#drop()
    this.withdrawn.value = null
    this.picked.value = null
    this.isRethinking.value = false
    if (story === null) return
    this.#clear(story.title)
    if (this.backlog.chosen.peek() === story.id) this.backlog.chosen.value = null
  }

  #remember(state: SessionView | null): void {
    if (this.seat === null || state === null || state.status === 'ended') return
    keepSeat({
      ...this.seat,
      name: state.name,
      room: state.room,
      cards: cardsOf(state),
      people: state.participants.map(({ name }) => name),
    })
  }
}
