import { type ReadonlySignal, signal } from '@preact/signals'
import { MagnaPPError, type SessionClient, type SessionView } from '../../client/client.js'
import { Undo, type UndoableAction } from './undo.js'

/**
 * For this long after a change the round's buttons are inert: somebody who presses twice meant the previous
 * button.
 */
const SETTLING_MS = 1_000
/** The effect of one press of "more time". */
const MORE_SECONDS = 60

/** The subject of a round. */
export type About = { readonly storyId: string } | { readonly title: string } | undefined

/** What was asked at one moment of a table, and has no answer yet. */
class Asked {
  readonly moment: string
  readonly names = new Set<string>()
  /** The latest of those that change the buttons. */
  last: Promise<unknown> = Promise.resolve()
  /** The moment is over. */
  end = () => {}
  readonly isOver = new Promise<void>((resolve) => {
    this.end = resolve
  })

  constructor(moment: string) {
    this.moment = moment
  }
}

/** Changes whenever the round's buttons get another meaning. */
export function momentOf(session: SessionView | null): string {
  const round = session?.current_round
  return [session?.status, round?.id, round?.accepted_estimate].join()
}

/** Everything that can be done at a table besides choosing a card. Refusals are shown; nothing is thrown. */
export class Moves {
  /** The table has just changed, so a press now may be meant for what was there before. */
  readonly isSettling = signal(false)
  /** The latest failure; `null`: none, or it has been read. */
  readonly refusal = signal<MagnaPPError | null>(null)
  /** An action that is about to happen and can still be undone. */
  readonly undo = new Undo((action) => {
    void this.ask(() => this.#carryOut(action), JSON.stringify(action))
  })
  readonly #client: SessionClient
  /** As it is drawn. */
  readonly #session: ReadonlySignal<SessionView | null>
  #asked = new Asked('')
  /** The kind of what failed latest. */
  #refused = ''
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(client: SessionClient, session: ReadonlySignal<SessionView | null>) {
    this.#client = client
    this.#session = session
  }

  /** @param about - asked for once it is this request's turn */
  start = (about: () => About | Promise<About>) =>
    this.#turn('start', async () => this.#client.commands.start(await about()))
  reveal = () => this.#turn('reveal', () => this.#client.commands.reveal())
  pause = () => this.#turn('pause', () => this.#client.commands.pause())
  resume = () => this.#turn('resume', () => this.#client.commands.resume())
  extend = () => this.#lead('extend', () => this.#client.commands.extend())
  accept = (estimate: string) =>
    this.#turn(`accept ${estimate}`, () => this.#client.commands.accept(estimate))
  /** Every press adds. */
  giveTime = () => this.#try('time', () => this.#client.commands.extendRound(MORE_SECONDS))
  handOver = (userId: string) => this.ask(() => this.#client.commands.transfer(userId))
  nudge = (userId: string) => this.#lead(`nudge ${userId}`, () => this.#client.commands.nudge(userId))
  changeRole = (role: 'voter' | 'observer', userId?: string) =>
    this.ask(() => this.#client.commands.changeRole(role, userId))

  /** The moment has changed: buttons that replaced others wait a moment. */
  settle(): void {
    this.#now()
    this.isSettling.value = true
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.isSettling.value = false
    }, SETTLING_MS)
  }

  /** Stops doing anything. */
  close(): void {
    this.undo.cancel()
    clearTimeout(this.#settling)
  }

  /**
   * Sends a request to the server.
   * @param kind - a failure stays to be read until the same kind of thing is asked again, or one of no kind
   * @param isOver - tells of a failure whether it no longer matters
   * @returns whether it succeeded
   */
  async ask(request: () => Promise<unknown>, kind = '', isOver = () => false): Promise<boolean> {
    try {
      if (kind === '' || kind === this.#refused) this.refusal.value = null
      await request()
      return true
    } catch (error) {
      // Without an answer there is no reason either.
      if (!isOver()) {
        this.#refused = kind
        this.refusal.value = error instanceof MagnaPPError ? error : new MagnaPPError(0, null, null)
      }
      return false
    }
  }

  /** An action that changes the buttons. Those of one moment are sent one after the other. */
  async #turn(name: string, request: () => Promise<unknown>): Promise<boolean> {
    const asked = this.#now()
    const before = Promise.race([asked.last, asked.isOver])
    const done = this.#lead(name, () => before.then(request), 'turn')
    asked.last = before.then(() => done)
    const isDone = await done
    // The answer may arrive before the change is drawn.
    if (isDone && asked === this.#now()) this.settle()
    return isDone
  }

  /** Pressed twice at one moment, it is done once. */
  async #lead(name: string, request: () => Promise<unknown>, kind = name): Promise<boolean> {
    const { names } = this.#now()
    if (names.has(name)) return false
    names.add(name)
    const isDone = await this.#try(kind, request)
    names.delete(name)
    return isDone
  }

  /** If it fails after the moment has changed, it has happened, or somebody else was faster. */
  #try(kind: string, request: () => Promise<unknown>): Promise<boolean> {
    const { moment } = this.#now()
    return this.ask(request, kind, () => momentOf(this.#client.state) !== moment)
  }

  #now(): Asked {
    const moment = momentOf(this.#session.peek())
    if (this.#asked.moment !== moment) {
      this.#asked.end()
      this.#asked = new Asked(moment)
    }
    return this.#asked
  }

  #carryOut(action: UndoableAction): Promise<unknown> {
    const { commands } = this.#client
    switch (action.type) {
      case 'remove':
        return commands.kick(action.id)
      case 'end':
        return commands.end()
      case 'leave':
        return this.#client.leave()
      case 'delete':
        return commands.stories.remove(action.id)
    }
  }
}
