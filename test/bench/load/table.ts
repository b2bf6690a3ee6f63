/** The commands of a round, in the lock-step's terms. */
export type Command = 'start' | 'vote' | 'reveal'

/** The event frames that each reader gets for one command. */
export const EVENTS_OF: Readonly<Record<Command, number>> = { start: 1, vote: 1, reveal: 2 }

/** Somebody at a table who can send commands; the answer and the frames come back to the table. */
export interface Player {
  send(command: Command): void
}

/** What the measuring window counts, over all tables. */
export class Tally {
  commands = 0
  delivered = 0
  bytes = 0
  latenciesMs: number[] = []
  keepsLatencies = false

  reset(): void {
    this.commands = 0
    this.delivered = 0
    this.bytes = 0
    this.latenciesMs = []
  }
}

/** One session under load: knows what is still on its way, and says when nothing is. */
export class Table {
  readonly players: Player[] = []
  readonly #tally: Tally
  #readers = 0
  #replies = 0
  #frames = 0
  #sentAt = 0
  #step = 0
  #onSettled: () => void = () => {}

  constructor(tally: Tally) {
    this.#tally = tally
  }

  set readers(count: number) {
    this.#readers = count
  }

  get isSettled(): boolean {
    return this.#replies === 0 && this.#frames === 0
  }

  /** Sends the round's next command: start, one vote per player, reveal. */
  sendNext(onSettled: () => void): void {
    const last = this.players.length + 1
    if (this.#step === 0) this.#send(0, 'start')
    else if (this.#step === last) this.#send(0, 'reveal')
    else this.#send(this.#step - 1, 'vote')
    this.#step = this.#step === last ? 0 : this.#step + 1
    this.#onSettled = onSettled
  }

  /** Sends the round's next burst: start, all votes at once, reveal. */
  sendBurst(onSettled: () => void): void {
    if (this.#step === 0) this.#send(0, 'start')
    else if (this.#step === 2) this.#send(0, 'reveal')
    else for (const index of this.players.keys()) this.#send(index, 'vote')
    this.#step = (this.#step + 1) % 3
    this.#onSettled = onSettled
  }

  delivered(frames: number, bytes: number): void {
    this.#frames -= frames
    this.#tally.delivered += frames
    this.#tally.bytes += bytes
    if (this.#tally.keepsLatencies) {
      const waitedMs = performance.now() - this.#sentAt
      for (let frame = 0; frame < frames; frame += 1) this.#tally.latenciesMs.push(waitedMs)
    }
    if (this.#frames < 0) throw new Error('a reader got more events than the command makes')
    this.#settle()
  }

  replied(): void {
    this.#replies -= 1
    this.#settle()
  }

  #send(index: number, command: Command): void {
    this.#replies += 1
    this.#frames += EVENTS_OF[command] * this.#readers
    this.#tally.commands += 1
    this.#sentAt = performance.now()
    this.players[index]?.send(command)
  }

  #settle(): void {
    if (this.isSettled) this.#onSettled()
  }
}
