import { signal } from '@preact/signals'
import type { PastRoundView, SessionClient, SessionView } from '../../client/client.js'

/** The previous attempt, for how cards have moved since. */
export class PastAttempts {
  /** `null`: there was none, or it is not known yet. */
  readonly before = signal<PastRoundView | null>(null)
  readonly #client: SessionClient
  #askedFor: string | null = null

  constructor(client: SessionClient) {
    this.#client = client
  }

  look(state: SessionView | null): void {
    const round = state?.current_round ?? null
    if (round === null || round.attempt === 1 || round.anonymous) {
      this.before.value = null
      return
    }
    if (this.#askedFor === round.id) return
    this.#askedFor = round.id
    void this.#ask(round.id)
  }

  async #ask(roundId: string): Promise<void> {
    try {
      const rounds = await this.#client.commands.history()
      const round = this.#client.state?.current_round ?? null
      if (round?.id !== roundId) return
      const isBefore = ({ story, attempt }: PastRoundView) =>
        attempt === round.attempt - 1 && (story?.id ?? null) === (round.story?.id ?? null)
      this.before.value = rounds.findLast(isBefore) ?? null
    } catch {
      // The result can be shown without it.
    }
  }
}
