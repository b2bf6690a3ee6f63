import { batch, computed, signal } from '@preact/signals'
import type { MagnaPPError, SettingsView, SettingsWish } from '../../client/client.js'
import type { Table } from '../table/table.js'

/** Settings as they are to become; those that are left out do not change. */
export type Wanted = Partial<SettingsView>

/** What the server answered, and the settings of the session when it was asked. */
interface Answered {
  readonly settings: SettingsView
  readonly before: SettingsView | undefined
}

/** The settings that the leader wants: drawn at once, and sent one request at a time. */
export class WantedSettings {
  readonly #table: Table
  readonly #underWay = signal<Wanted | null>(null)
  /** Wanted since that request was sent. */
  readonly #waiting = signal<Wanted | null>(null)
  readonly #answered = signal<Answered | null>(null)

  constructor(table: Table) {
    this.#table = table
  }

  /** The settings as wanted, until the server has them or has refused; `null`: not known yet. */
  readonly settings = computed(() => {
    const known = this.#table.session.value?.settings
    if (known === undefined) return null
    const answered = this.#answered.value
    // The answer may be here before the event.
    const latest = answered?.before === known ? answered.settings : known
    return { ...latest, ...this.#underWay.value, ...this.#waiting.value }
  })

  /** Changes some of them. What is wanted by the time of the answer follows. */
  async change(wanted: Wanted): Promise<void> {
    this.#waiting.value = { ...this.#waiting.peek(), ...wanted }
    if (this.#underWay.peek() !== null) return
    const { refusal } = this.#table.moves
    let refused: MagnaPPError | null = null
    for (let next = this.#waiting.peek(); next !== null; next = this.#waiting.peek()) {
      if (!(await this.#send(next))) refused = refusal.peek()
    }
    // Even if a later request was accepted.
    if (refused !== null) refusal.value = refused
  }

  /** @returns whether it was accepted */
  async #send(wanted: Wanted): Promise<boolean> {
    const { session, client, moves } = this.#table
    const before = session.peek()?.settings
    batch(() => {
      this.#underWay.value = wanted
      this.#waiting.value = null
    })
    let settings: SettingsView | null = null
    const isDone = await moves.ask(async () => {
      settings = await client.commands.changeSettings(wishOf(wanted))
    })
    batch(() => {
      if (settings !== null) this.#answered.value = { settings, before }
      this.#underWay.value = null
    })
    return isDone
  }
}

/** Each table's, also while the panel is closed. */
const WANTED = new WeakMap<Table, WantedSettings>()

export function wantedSettingsOf(table: Table): WantedSettings {
  const wanted = WANTED.get(table) ?? new WantedSettings(table)
  WANTED.set(table, wanted)
  return wanted
}

/** What the server is asked for: a deck by its name, if it has one. */
function wishOf({ deck, ...rules }: Wanted): SettingsWish {
  return deck === undefined ? rules : { ...rules, deck: deck.name ?? deck.cards }
}
