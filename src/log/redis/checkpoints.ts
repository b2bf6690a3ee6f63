import { type Connection, isErrorReply } from './connection.js'
import { idOf, type Place, type Snapshot, snapshotText } from './entry.js'
import { REBUILD, SNAPSHOT } from './scripts.js'

/** Every so many entries a session is noted down, to be its snapshot when the next ones are full. */
const CHECKPOINT_ENTRIES = 64

export type Checkpoint = Snapshot & { readonly place: Place }

export interface CheckpointsOptions {
  readonly connection: Connection
  /** Of the log and of the snapshot. */
  readonly keys: readonly [string, string]
  /** How long Redis keeps the snapshot, in milliseconds. */
  readonly ttlMs: number
  readonly onFault: (error: unknown) => void
  /** Another process was left in another state by the same entries. */
  readonly onDiverged: () => void
}

/**
 * The snapshots of a session. At a checkpoint the one before is written, so that at least 64 entries stay behind
 * it: readers who were away find in them what they missed.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions
  #newest: Checkpoint | null = null

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /** @param here - the session as this entry has left it; asked for where there is a checkpoint */
  reach({ seq }: Place, here: () => Checkpoint): void {
    if (seq % CHECKPOINT_ENTRIES !== 0) return
    const before = this.#newest
    this.#newest = here()
    if (before !== null) this.#write(before).catch(this.#options.onFault)
  }

  /**
   * Redis has lost the session or its end, and this process has it: it is put back as it is, unless another one
   * was faster.
   * @param head - the id of the entry with which the log ends; '' where there is none
   * @returns whether it is put back
   */
  async rebuild(here: Checkpoint, head: string): Promise<boolean> {
    const { connection, keys, onFault } = this.#options
    this.#newest = null
    const reply = await connection.run(REBUILD, keys, [...this.#words(here), head])
    if (reply !== 'ok') return false
    onFault(new Error(`the log ended before ${idOf(here.place)}; it was written again from memory`))
    return true
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const { connection, keys, onDiverged, onFault } = this.#options
    try {
      const reply = await connection.run(SNAPSHOT, keys, this.#words(checkpoint))
      if (reply !== 'diverged') return
    } catch (error) {
      // What the connection did not carry is made up for by the next checkpoint.
      if (isErrorReply(error)) throw error
      return
    }
    onFault(new Error(`a snapshot at ${idOf(checkpoint.place)} is other than the one that is there`))
    onDiverged()
  }

  #words({ place, ...snapshot }: Checkpoint): string[] {
    const { sum, body } = snapshotText(snapshot)
    return [idOf(place), sum, body, String(this.#options.ttlMs)]
  }
}
