import type { NodeId, SessionId } from '../../machines/ids.js'
import type { Clock } from '../../machines/ports.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { SEMANTICS } from '../../machines/session/semantics.js'
import type {
  CommandLog,
  CommandLogWatcher,
  Creation,
  Follower,
  Placed,
} from '../../src/runtime/command-log.js'
import type { Mark } from '../../src/runtime/marks.js'
import type { Outcome } from '../../src/runtime/outcome.js'
import {
  type Birth,
  migrated,
  type PersistedSession,
  UnreadableSession,
} from '../../src/runtime/persisted-session.js'

/** At this many entries, they are replaced by what is persisted of their result. */
const ENTRIES_MAX = 64

interface Marked {
  readonly command: SessionCommand
  readonly mark?: Mark
}

interface Kept {
  /** What was persisted last, as text; `null`: nothing was. */
  snapshot: string | null
  /** The entries after it, as text; the very first is what the session is made of. */
  entries: string[]
}

/** A process that has the log open. */
interface Process {
  readonly followers: Map<SessionId, Follower>
  watcher: CommandLogWatcher | null
}

/**
 * A log in which sessions outlive the processes of a test, several of which carry them out, with time in the
 * test's hands: everything is text, and a command gets its place at once.
 */
export class KeptLog {
  readonly #clock: Pick<Clock, 'now'>
  readonly #live = new Map<SessionId, Kept>()
  readonly #ended = new Set<SessionId>()
  readonly #processes = new Map<NodeId, Process>()
  #opened = 0
  #isAway = false

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Everything there is of sessions, as text. */
  get text(): string {
    return JSON.stringify([...this.#live.values()])
  }

  /** From now on nothing gets a place, or everything does again. */
  setAway(isAway: boolean): void {
    this.#isAway = isAway
  }

  /** Makes a session's entries unreadable from now on. */
  spoil(id: string): void {
    for (const [other, kept] of this.#live) if (other === id) kept.entries = ['{']
  }

  /**
   * The log as one process sees it.
   * @returns also a function that cuts that process off, as its death does
   */
  open(): { readonly log: CommandLog; readonly die: () => void } {
    this.#opened += 1
    const node = `node-${this.#opened}` as NodeId
    const own: Process = { followers: new Map(), watcher: null }
    this.#processes.set(node, own)
    const running = () => new Set(this.#processes.keys())
    const isAvailable = () => this.#processes.has(node) && !this.#isAway
    const log: CommandLog = {
      node,
      isDurable: true,
      get isAvailable() {
        return isAvailable()
      },
      get nodes() {
        return running()
      },
      semantics: SEMANTICS.max,
      watch: (watcher) => {
        own.watcher = watcher
      },
      create: (creation, placed) => {
        placed(isAvailable() ? this.#create(creation, own) : { type: 'unavailable' })
      },
      follow: (id, follower) => {
        own.followers.set(id, follower)
        return {
          propose: (command, settled, mark) => {
            settled(isAvailable() ? this.#append(id, { command, mark }, own) : { type: 'unavailable' })
          },
          catchUp: (then) => then(isAvailable()),
        }
      },
      end: (id) => {
        own.followers.delete(id)
        if (!isAvailable()) return
        this.#live.delete(id)
        this.#ended.add(id)
      },
      unlist: async () => {},
      known: async () => ({ live: [...this.#live.keys()], ended: [...this.#ended] }),
      inRoom: async () => null,
      load: async (id, restore) => {
        try {
          return this.#load(id, restore)
        } catch (error) {
          throw new UnreadableSession(error)
        }
      },
      confirm: (then) => then(true),
      letGo: (id) => {
        own.followers.delete(id)
      },
      close: async () => this.#end(node, false),
    }
    return { log, die: () => this.#end(node, true) }
  }

  #create({ birth, sessionsMax, evicted }: Creation, by: Process): Placed {
    const { input, mark } = birth
    const isTaken = [...this.#live.values()].some(({ entries: [first] }) => {
      const other: Partial<Birth> = JSON.parse(first ?? '{}')
      const isSameRoom = input.room != null && other.input?.room === input.room
      return isSameRoom || (mark !== undefined && other.mark?.id === mark.id)
    })
    const others = this.#live.size - (evicted !== null && this.#live.has(evicted) ? 1 : 0)
    if (isTaken || others >= sessionsMax) return { type: 'overtaken' }
    const text = JSON.stringify({ ...birth, input: { ...input, at: this.#clock.now() } })
    this.#live.set(input.id, { snapshot: null, entries: [text] })
    const active = others + 1
    for (const other of this.#processes.values()) if (other !== by) other.watcher?.created(input.id, active)
    return { type: 'placed', birth: JSON.parse(text), active }
  }

  /** Every process carries it out, the proposer last, so that what it reports is known to the others. */
  #append(
    id: SessionId,
    { command, mark }: { command: SessionCommand; mark: Mark | undefined },
    by: Process,
  ): Outcome {
    const kept = this.#live.get(id)
    const own = by.followers.get(id)
    if (kept === undefined || own === undefined) return { type: 'unavailable' }
    const text = JSON.stringify({ command: { ...command, at: this.#clock.now() }, mark })
    kept.entries.push(text)
    const entry: Marked = JSON.parse(text)
    for (const other of this.#processes.values())
      if (other !== by) other.followers.get(id)?.apply(entry.command, entry.mark, false)
    const outcome = own.apply(entry.command, entry.mark, true)
    if (kept.entries.length === ENTRIES_MAX) this.#persist(kept, own)
    return outcome
  }

  #end(node: NodeId, isKilled: boolean): void {
    if (!this.#processes.delete(node)) return
    for (const other of this.#processes.values()) other.watcher?.lost(node, isKilled)
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
