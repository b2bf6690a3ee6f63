import type { EventData } from '../wire/events.js'
import type { StoryView } from '../wire/stories.js'
import type { SessionView } from '../wire/views.js'
import type { OwnVote } from './own-vote.js'
import type { Permissions } from './permissions.js'

/**
 * `streaming` and `polling`: events arrive. `waiting`: there is no connection right now. `closed`: there will
 * be none any more.
 */
export type Connection = 'streaming' | 'polling' | 'waiting' | 'closed'

/** Why a session is no longer followed. */
export interface Ending {
  /**
   * The reason in `session_expired` (contract section 6); or `left` and `kicked`: this participant is out;
   * `missed`: it ended while there was no connection; `refused`: the server turned this client away and
   * `failure` says why; `closed`: this program closed it.
   */
  readonly reason:
    | EventData<'session_expired'>['reason']
    | 'left'
    | 'kicked'
    | 'missed'
    | 'refused'
    | 'closed'
  /** The server's explanation for the user; `null` if it gave none. */
  readonly message: string | null
}

/** What a client knows at one moment. It is immutable: every change makes a new one. */
export interface ClientSnapshot {
  /** The session as of the latest event; `null` until the first frame arrives. */
  readonly state: SessionView | null
  /** What this participant may do; the same object as long as the state is the same. */
  readonly permissions: Permissions
  /** What this participant has chosen in the current round, even before the reveal. */
  readonly vote: OwnVote
  /** The session's stories in order, once `followStories` was called and they were read; `null` until then. */
  readonly stories: readonly StoryView[] | null
  readonly connection: Connection
  /** Why the session cannot be followed, now or for good; `null` while it is followed. */
  readonly failure: Error | null
  /** How often a checksum did not match and the whole session was fetched. */
  readonly resyncs: number
  /** `null` while the session is followed. */
  readonly ending: Ending | null
}

type Listener<Snapshot> = (snapshot: Snapshot) => void

/** Keeps a snapshot and notifies listeners of each new one. */
export class SnapshotStore<Snapshot extends object> {
  readonly #listeners = new Set<{ readonly listener: Listener<Snapshot> }>()
  #current: Snapshot

  constructor(first: Snapshot) {
    this.#current = first
  }

  get current(): Snapshot {
    return this.#current
  }

  /** @returns unsubscribes */
  subscribe(listener: Listener<Snapshot>): () => void {
    const subscription = { listener }
    this.#listeners.add(subscription)
    return () => void this.#listeners.delete(subscription)
  }

  /** Replaces the members that differ, if any do; then each listener is called once. */
  update(news: Partial<Snapshot>): void {
    const before = this.#current
    const next = { ...before, ...news }
    if (isSame(before, next)) return
    this.#current = next
    for (const subscription of [...this.#listeners]) {
      // A listener may have changed something, which everybody was already told about, or unsubscribed
      // another.
      if (this.#current !== next) return
      if (this.#listeners.has(subscription)) call(subscription.listener, next)
    }
  }
}

function isSame<Snapshot extends object>(one: Snapshot, other: Snapshot): boolean {
  const members = new Map(Object.entries(one))
  return Object.entries(other).every(([name, value]) => Object.is(members.get(name), value))
}

/**
 * An error thrown by a listener is reported as uncaught, for its own program to handle; it stops neither the
 * other listeners nor the client.
 */
function call<Snapshot>(listener: Listener<Snapshot>, snapshot: Snapshot): void {
  try {
    listener(snapshot)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
