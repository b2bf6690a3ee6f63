import type { SessionId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import type { Clock } from '../../machines/ports.js'
import type { CommandLog, Follower } from '../../src/runtime/command-log.js'
import type { Mark } from '../../src/runtime/marks.js'
import {
  type Birth,
  migrated,
  type PersistedSession,
  UnreadableSession,
} from '../../src/runtime/persisted-session.js'

/** At so many entries what comes of them is persisted in their place. */
const ENTRIES_MAX = 64

interface Marked {
  readonly command: SessionCommand
  readonly mark?: Mark
}

interface Kept {
  /** What was persisted last, as text; `null`: nothing was. */
  snapshot: string | null
  /** Those behind it, as text; the first entry of all is what the session is made of. */
  entries: string[]
}

/**
 * Where sessions outlive the processes of a test, in which time stands in the test's hands: everything as text,
 * a place for a command at once.
 */
export class KeptLog {
  readonly #clock: Pick<Clock, 'now'>
  readonly #live = new Map<SessionId, Kept>()
  readonly #ended = new Set<SessionId>()
  #isAway = false

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** All that there is of sessions, as text. */
  get text(): string {
    return JSON.stringify([...this.#live.values()])
  }

  /** From here on nothing has a place, or everything again. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway
  }

  /** What a session's entries are from here on, so that nobody can read it. */
  spoil(id: string): void {
    for (const [other, kept] of this.#live) if (other === id) kept.entries = ['{']
  }

  /** The log as one process sees it. @returns with it what cuts that process off, as its death does */
  open(): { readonly log: CommandLog; readonly die: () => void } {
    let isCut = false
    const isAvailable = () => !isCut && !this.#isAway
    const log: CommandLog = {
      isDurable: true,
      get isAvailable() {
        return isAvailable()
      },
      create: (birth, placed) => {
        if (!isAvailable()) return placed(null)
        const text = JSON.stringify({ ...birth, input: { ...birth.input, at: this.#clock.now() } })
        this.#live.set(birth.input.id, { snapshot: null, entries: [text] })
        placed(JSON.parse(text))
      },
      follow: (id, follower) => ({
        propose: (command, settled, mark) => {
          const kept = this.#live.get(id)
          if (!isAvailable() || kept === undefined) return settled({ type: 'unavailable' })
          const text = JSON.stringify({ command: { ...command, at: this.#clock.now() }, mark })
          kept.entries.push(text)
          const entry: Marked = JSON.parse(text)
          const outcome = follower.apply(entry.command, entry.mark)
          if (kept.entries.length === ENTRIES_MAX) this.#persist(kept, follower)
          settled(outcome)
        },
      }),
      end: (id) => {
        if (isCut) return
        this.#live.delete(id)
        this.#ended.add(id)
      },
      known: async () => ({ live: [...this.#live.keys()], ended: [...this.#ended] }),
      load: async (id, restore) => {
        try {
          return this.#load(id, restore)
        } catch (error) {
          throw new UnreadableSession(error)
        }
      },
      close: async () => {
        isCut = true
      },
    }
    return {
      log,
      die: () => {
        isCut = true
      },
    }
  }

  #persist(kept: Kept, follower: Follower): void {
    kept.snapshot = JSON.stringify(follower.persisted())
    kept.entries = []
  }

  #load(id: SessionId, restore: (from: Birth | PersistedSession) => Follower): boolean {
    const kept = this.#live.get(id)
    if (kept === undefined) return false
    const entries = kept.entries.map((text) => JSON.parse(text))
    const follower = restore(kept.snapshot === null ? entries.shift() : migrated(JSON.parse(kept.snapshot)))
    for (const { command, mark } of entries) follower.apply(command, mark)
    return true
  }
}
