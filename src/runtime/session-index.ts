import type { EpochMs, Room, SessionId } from '../../machines/ids.js'
import { type KnownMark, MARK_MS } from './marks.js'
import type { SessionHost } from './session-host.js'

/** How many ended sessions are remembered, so that a late client hears "over" rather than "unknown". */
const ENDED_REMEMBERED_MAX = 1_000

/** The sessions that run here, by everything they are looked up by, and those that are over. */
export class SessionIndex {
  readonly #hosts = new Map<SessionId, SessionHost>()
  /** Which session has which room; one still waiting for its log already has it. */
  readonly #rooms = new Map<Room, SessionId>()
  /** Sessions whose creation may be repeated, by its mark. */
  readonly #byMark = new Map<string, SessionId>()
  readonly #ended = new Set<SessionId>()

  get size(): number {
    return this.#hosts.size
  }

  hosts(): IterableIterator<SessionHost> {
    return this.#hosts.values()
  }

  find(id: SessionId): SessionHost | undefined {
    return this.#hosts.get(id)
  }

  /** @returns the session in this room, even if it has no host yet */
  idInRoom(room: Room): SessionId | null {
    return this.#rooms.get(room) ?? null
  }

  inRoom(room: Room): SessionHost | undefined {
    const id = this.#rooms.get(room)
    return id === undefined ? undefined : this.#hosts.get(id)
  }

  /** The creation with this mark, if it is less than ten minutes old and its session still runs here. */
  made(markId: string, now: EpochMs): KnownMark | null {
    const id = this.#byMark.get(markId)
    const { input, mark } = (id === undefined ? undefined : this.#hosts.get(id))?.birth ?? {}
    if (mark === undefined || input === undefined) return null
    const { at, creator } = input
    return now - at > MARK_MS ? null : { ...mark, at, seat: creator.id }
  }

  /** Whether this session is over, as far as that is remembered. */
  hasEnded(id: SessionId): boolean {
    return this.#ended.has(id)
  }

  add(host: SessionHost): void {
    const { input, mark } = host.birth
    const { room = null } = input
    this.#hosts.set(host.id, host)
    if (room !== null) this.#rooms.set(room, host.id)
    if (mark !== undefined) this.#byMark.set(mark.id, host.id)
  }

  /** A session about to be created has the room before it runs. */
  reserve(room: Room, id: SessionId): void {
    this.#rooms.set(room, id)
  }

  /** Frees the room, if this session has it. */
  release(room: Room, id: SessionId): void {
    if (this.#rooms.get(room) === id) this.#rooms.delete(room)
  }

  remove(host: SessionHost): void {
    const { input, mark } = host.birth
    const { room = null } = input
    if (this.#hosts.get(host.id) === host) this.#hosts.delete(host.id)
    if (room !== null) this.release(room, host.id)
    if (mark !== undefined && this.#byMark.get(mark.id) === host.id) this.#byMark.delete(mark.id)
  }

  /** Remembers that this session is over. */
  remember(id: SessionId): void {
    this.#ended.add(id)
    const [oldest] = this.#ended
    if (this.#ended.size > ENDED_REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest)
  }

  clear(): void {
    this.#hosts.clear()
  }
}
