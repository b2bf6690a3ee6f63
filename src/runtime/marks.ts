import type { EpochMs, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'

/** How long a repeat gets the first outcome (contract section 5). */
export const MARK_MS = 10 * 60_000
/** Per session; beyond that the oldest is dropped. */
export const MARKS_MAX = 256

/** Goes with a command that may be repeated, so that whoever carries it out recognises a repeat. */
export interface Mark {
  /** A digest of the key and its owner. */
  readonly id: string
  /** A digest of the whole request. */
  readonly request: string
  /** Together with the key, which the client keeps, it yields the ids and the token that the command made. */
  readonly salt: string
}

/** The mark of a command that was carried out. */
export interface KnownMark extends Mark {
  readonly at: EpochMs
  /** Whose seat the command took; `null`: none. */
  readonly seat: UserId | null
}

/** The commands of a session that must not be carried out again, by their marks. */
export class Marks {
  readonly #byId = new Map<string, KnownMark>()

  constructor(known: readonly KnownMark[] = []) {
    for (const mark of known) this.#byId.set(mark.id, mark)
  }

  /** Oldest first. */
  get all(): readonly KnownMark[] {
    return [...this.#byId.values()]
  }

  /** @returns `null`: no such command was carried out in the last ten minutes */
  find(id: string, now: EpochMs): KnownMark | null {
    const mark = this.#byId.get(id)
    return mark === undefined || now - mark.at > MARK_MS ? null : mark
  }

  /** The participant has left, and with them the seat that a repeat would get. */
  forget(userId: UserId): void {
    for (const [id, { seat }] of this.#byId) if (seat === userId) this.#byId.delete(id)
  }

  /** Records that a command was carried out. */
  keep(mark: Mark, command: SessionCommand): void {
    const { at } = command
    this.#byId.delete(mark.id)
    this.#byId.set(mark.id, { ...mark, at, seat: seatOf(command) })
    for (const [id, known] of this.#byId) {
      if (this.#byId.size <= MARKS_MAX && at - known.at <= MARK_MS) break
      this.#byId.delete(id)
    }
  }
}

function seatOf(command: SessionCommand): UserId | null {
  if (command.type === 'participant.join') return command.userId
  return command.type === 'seat.take' ? command.by : null
}
