import { signal } from '@preact/signals'
import { MagnaPPError, type SessionClient } from '../../client/client.js'
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

/** Everything that can be done at a table besides choosing a card. Refusals are shown; nothing is thrown. */
export class Moves {
  /** The table has just changed, so a press now may be meant for what was there before. */
  readonly isSettling = signal(false)
  /** The latest failure; `null`: none, or it has been read. */
  readonly refusal = signal<MagnaPPError | null>(null)
  /** An action that is about to happen and can still be undone. */
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
  changeRole = (role: 'voter' | 'observer', userId?: string) =>
    this.ask(() => this.#client.commands.changeRole(role, userId))

  /** The status has changed: buttons that replaced others wait a moment. */
  settle(): void {
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
   * @returns whether it succeeded
   */
  async ask(request: () => Promise<unknown>): Promise<boolean> {
    try {
      this.refusal.value = null
      await request()
      return true
    } catch (error) {
      // Without an answer there is no reason either.
      this.refusal.value = error instanceof MagnaPPError ? error : new MagnaPPError(0, null, null)
      return false
    }
  }

  /** An action that changes the buttons. The answer may arrive before they are drawn. */
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
    // Somebody else was faster: the intended change has happened.
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
