import type { EpochMs, Room, SessionId } from '../../machines/ids.js'
import { type KnownMark, MARK_MS } from './marks.js'
import type { SessionHost } from './session-host.js'

/** The most sessions whose end is remembered, so that a late client learns that it is over and not unknown. */
const ENDED_REMEMBERED_MAX = 1_000

/** The sessions that run here, by everything by which they are looked up, and those that are over. */
export class SessionIndex {
  readonly #hosts = new Map<SessionId, SessionHost>()
  /** Which session has which room; one that waits for its log has it already. */
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

  /** @returns also one that has no host yet */
  idInRoom(room: Room): SessionId | null {
    return this.#rooms.get(room) ?? null
  }

  inRoom(room: Room): SessionHost | undefined {
    const id = this.#rooms.get(room)
    return id === undefined ? undefined : this.#hosts.get(id)
  }

  /** A creation with this mark that made a session which is still there, in the last ten minutes. */
  made(markId: string, now: EpochMs): KnownMark | null {
    const id = this.#byMark.get(markId)
    const { input, mark } = (id === undefined ? undefined : this.#hosts.get(id))?.birth ?? {}
    if (mark === undefined || input === undefined) return null
    const { at, creator } = input
    return now - at > MARK_MS ? null : { ...mark, at, seat: creator.id }
  }

  /** Whether this session was here and is over, as far as that is remembered. */
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

  /** A session that is to be has the room before it runs. */
  reserve(room: Room, id: SessionId): void {
    this.#rooms.set(room, id)
  }

  /** It gives the room back, if it is its own. */
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

  /** It is over. */
  remember(id: SessionId): void {
    this.#ended.add(id)
    const [oldest] = this.#ended
    if (this.#ended.size > ENDED_REMEMBERED_MAX && oldest !== undefined) this.#ended.delete(oldest)
  }

  clear(): void {
    this.#hosts.clear()
  }
}
