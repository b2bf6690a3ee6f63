import { signal } from '@preact/signals'
import { MagnaPPError, type SessionClient, type SettingsWish } from '../../client/client.js'
import { Undo, type UndoableAction } from './undo.js'

/** For so long after a change the round's buttons are inert: who presses twice meant the button before. */
const SETTLING_MS = 1_000
/** One press of "more time". */
const MORE_SECONDS = 60

/** What a round is to be about. */
export type About = { readonly storyId: string } | { readonly title: string } | undefined

/** What can be done at a table beside choosing a card. What the server refuses is shown, and nothing is thrown. */
export class Moves {
  /** The table has just changed: what a press would mean now is not what it meant when the hand went down. */
  readonly isSettling = signal(false)
  /** What the server refused last; `null`: nothing, or it has been read. */
  readonly refusal = signal<MagnaPPError | null>(null)
  /** What is about to happen, and may still be taken back. */
  readonly undo = new Undo((action) => void this.#carryOut(action))
  readonly #client: SessionClient
  readonly #underWay = new Set<string>()
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(client: SessionClient) {
    this.#client = client
  }

  start = (about: About) => this.#turn('start', () => this.#client.commands.start(about))
  reveal = () => this.#turn('reveal', () => this.#client.commands.reveal())
  pause = () => this.#turn('pause', () => this.#client.commands.pause())
  resume = () => this.#turn('resume', () => this.#client.commands.resume())
  extend = () => this.#lead('extend', () => this.#client.commands.extend())
  accept = (estimate: string) => this.#turn('accept', () => this.#client.commands.accept(estimate))
  giveTime = () => this.#lead('time', () => this.#client.commands.extendRound(MORE_SECONDS))
  handOver = (userId: string) => this.ask(() => this.#client.commands.transfer(userId))
  nudge = (userId: string) => this.#lead(`nudge ${userId}`, () => this.#client.commands.nudge(userId))
  changeSettings = (wish: SettingsWish) => this.ask(() => this.#client.commands.changeSettings(wish))
  changeRole = (role: 'voter' | 'observer', userId?: string) =>
    this.ask(() => this.#client.commands.changeRole(role, userId))

  /** The status is another: buttons that took another's place wait a moment. */
  settle(): void {
    this.isSettling.value = true
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => {
      this.isSettling.value = false
    }, SETTLING_MS)
  }

  /** Nothing is done any more. */
  close(): void {
    this.undo.cancel()
    clearTimeout(this.#settling)
  }

  /**
   * Asks the server for something.
   * @returns whether it is done
   */
  async ask(request: () => Promise<unknown>): Promise<boolean> {
    try {
      this.refusal.value = null
      await request()
      return true
    } catch (error) {
      if (error instanceof MagnaPPError) this.refusal.value = error
      return false
    }
  }

  /** Something after which the buttons are others. The answer may be here before they are drawn. */
  async #turn(name: string, request: () => Promise<unknown>): Promise<boolean> {
    const isDone = await this.#lead(name, request)
    if (isDone) this.settle()
    return isDone
  }

  async #lead(name: string, request: () => Promise<unknown>): Promise<boolean> {
    // Pressed twice.
    if (this.#underWay.has(name)) return false
    this.#underWay.add(name)
    const before = this.#client.state?.status
    const isDone = await this.ask(request)
    this.#underWay.delete(name)
    // Somebody else was quicker: what was wanted has happened.
    if (!isDone && this.#client.state?.status !== before) this.refusal.value = null
    return isDone
  }

  #carryOut(action: UndoableAction): Promise<boolean> {
    const { commands } = this.#client
    switch (action.type) {
      case 'remove':
        return this.ask(() => commands.kick(action.id))
      case 'end':
        return this.ask(() => commands.end())
      case 'leave':
        return this.ask(() => this.#client.leave())
      case 'delete':
        return this.ask(() => commands.stories.remove(action.id))
    }
  }
}
