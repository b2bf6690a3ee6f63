import type { EventData } from '../wire/events.js'
import type { StoryView } from '../wire/stories.js'
import type { SessionView } from '../wire/views.js'
import type { OwnVote } from './own-vote.js'
import type { Permissions } from './permissions.js'

/**
 * `streaming` and `polling`: what happens in the session arrives. `waiting`: there is no connection just
 * now. `closed`: there will be none any more.
 */
export type Connection = 'streaming' | 'polling' | 'waiting' | 'closed'

/** Why a session is not followed any more. */
export interface Ending {
  /**
   * What the session's end said (contract section 6, `session_expired`); or `left` and `kicked`, this
   * participant is out; `missed`, it ended while there was no connection; `refused`, the server turned
   * this client away and `failure` says why; `closed`, by this program itself.
   */
  readonly reason:
    | EventData<'session_expired'>['reason']
    | 'left'
    | 'kicked'
    | 'missed'
    | 'refused'
    | 'closed'
  /** The server's sentence for a person; `null` where it said none. */
  readonly message: string | null
}

/** What a client knows at one moment. It never changes: with news there is another one. */
export interface ClientSnapshot {
  /** The session as of the newest event; `null` until the first frame has come. */
  readonly state: SessionView | null
  /** What this participant may do in it; the same object as long as the state is. */
  readonly permissions: Permissions
  /** What this participant has chosen in the round at hand, before the reveal too. */
  readonly vote: OwnVote
  /** The session's stories in their order, once `followStories` was called and they were read; `null` until then. */
  readonly stories: readonly StoryView[] | null
  readonly connection: Connection
  /** Why the session cannot be followed just now, or any more; `null` while it is. */
  readonly failure: Error | null
  /** How often a checksum differed and the whole session was fetched. */
  readonly resyncs: number
  /** `null` while the session is followed. */
  readonly ending: Ending | null
}

type Listener<Snapshot> = (snapshot: Snapshot) => void

/** Keeps a snapshot, and tells whoever listens that there is another. */
export class SnapshotStore<Snapshot extends object> {
  readonly #listeners = new Set<{ readonly listener: Listener<Snapshot> }>()
  #current: Snapshot

  constructor(first: Snapshot) {
    this.#current = first
  }

  get current(): Snapshot {
    return this.#current
  }

  /** @returns stops it */
  subscribe(listener: Listener<Snapshot>): () => void {
    const subscription = { listener }
    this.#listeners.add(subscription)
    return () => void this.#listeners.delete(subscription)
  }

  /** Replaces what differs, if anything does; then each listener is called once. */
  update(news: Partial<Snapshot>): void {
    const before = this.#current
    const next = { ...before, ...news }
    if (isSame(before, next)) return
    this.#current = next
    for (const subscription of [...this.#listeners]) {
      // A listener may have changed something, of which all were told by then, or stopped another.
      if (this.#current !== next) return
      if (this.#listeners.has(subscription)) call(subscription.listener, next)
    }
  }
}

function isSame<Snapshot extends object>(one: Snapshot, other: Snapshot): boolean {
  const members = new Map(Object.entries(one))
  return Object.entries(other).every(([name, value]) => Object.is(members.get(name), value))
}

/** What a listener throws is its program's to handle, as an uncaught error; it stops neither the others nor the following. */
function call<Snapshot>(listener: Listener<Snapshot>, snapshot: Snapshot): void {
  try {
    listener(snapshot)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
