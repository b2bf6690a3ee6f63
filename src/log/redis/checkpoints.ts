import { type Connection, isErrorReply } from './connection.js'
import { idOf, type Place, type Snapshot, snapshotText } from './entry.js'
import { REBUILD, SNAPSHOT } from './scripts.js'

/** A session is captured every this many entries, and written as its snapshot at the next checkpoint. */
const CHECKPOINT_ENTRIES = 64

export type Checkpoint = Snapshot & { readonly place: Place }

export interface CheckpointsOptions {
  readonly connection: Connection
  /** The keys of the log and the snapshot. */
  readonly keys: readonly [string, string]
  /** How long Redis keeps the snapshot, in milliseconds. */
  readonly ttlMs: number
  readonly onFault: (error: unknown) => void
  /** The same entries left another process in a different state. */
  readonly onDiverged: () => void
}

/**
 * The snapshots of a session. Each checkpoint writes the previous one, so that at least 64 entries remain
 * after the snapshot: readers who were away find in them what they missed.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions
  #newest: Checkpoint | null = null

  constructor(options: CheckpointsOptions) {
    this.#options = options
  }

  /** @param here - captures the session as this entry left it; called only at a checkpoint */
  reach({ seq }: Place, here: () => Checkpoint): void {
    if (seq % CHECKPOINT_ENTRIES !== 0) return
    const before = this.#newest
    this.#newest = here()
    if (before !== null) this.#write(before).catch(this.#options.onFault)
  }

  /**
   * Puts back from this process a session that Redis has lost, wholly or at its end, unless another process
   * was faster.
   * @param head - the id of the last entry in the log; '' if there is no log
   * @returns whether it was put back
   */
  async rebuild(here: Checkpoint, head: string): Promise<boolean> {
    const { connection, keys, onFault } = this.#options
    this.#newest = null
    const reply = await connection.run(REBUILD, keys, [...this.#words(here), head])
    if (reply !== 'ok') return false
    onFault(new Error(`the log ended before ${idOf(here.place)}; it was rewritten from memory`))
    return true
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    const { connection, keys, onDiverged, onFault } = this.#options
    try {
      const reply = await connection.run(SNAPSHOT, keys, this.#words(checkpoint))
      if (reply !== 'diverged') return
    } catch (error) {
      // If the connection broke, the next checkpoint makes up for it.
      if (isErrorReply(error)) throw error
      return
    }
    onFault(new Error(`the snapshot at ${idOf(checkpoint.place)} differs from the one stored there`))
    onDiverged()
  }

  #words({ place, ...snapshot }: Checkpoint): string[] {
    const { sum, body } = snapshotText(snapshot)
    return [idOf(place), sum, body, String(this.#options.ttlMs)]
  }
}
