import type { Room, SessionId } from '../../../machines/ids.js'
import type { Creation } from '../../runtime/command-log.js'
import { MARK_MS } from '../../runtime/marks.js'
import type { Connection } from './connection.js'
import { commandText } from './entry.js'
import { CREATED, ENDED, keysOf, LIVE, markKey, NODES, ROOMS } from './keys.js'
import { ADMIT, BURY, CLOSE, KEEP } from './scripts.js'

const MINUTE_MS = 60_000
/** How long the log and snapshot of an ended session are kept, in milliseconds. */
const OVER_MS = 10 * MINUTE_MS
/** How long the lists are kept, in milliseconds; longer than any session can idle. */
const LIST_MS = 8 * 24 * 60 * MINUTE_MS
/** Sessions listed as ended, so that no process that was cut off brings one back. */
const ENDED_MAX = 10_000
/** How many of these a process is told of when it starts. */
const REMEMBERED_MAX = 1_000
/** Sessions listed in one call. */
const KEPT_AT_ONCE_MAX = 200

/** The list of sessions across all processes. */
export class SessionList {
  readonly #connection: Connection
  readonly #node: string

  /** @param node - this process */
  constructor(connection: Connection, node: string) {
    this.#connection = connection
    this.#node = node
  }

  /**
   * Lists a new session if there is a place for it.
   * @returns the number of sessions now, or why this one is not listed
   * @throws as {@link Connection.run}; it is then unknown whether it is listed
   */
  async admit(
    { birth, sessionsMax, evicted }: Creation,
    notAfter: number,
  ): Promise<number | 'overtaken' | 'late'> {
    const { id, room } = birth.input
    const mark = birth.mark === undefined ? NODES : markKey(birth.mark.id)
    const markMs = birth.mark === undefined ? 0 : MARK_MS
    const reply = await this.#connection.run(
      ADMIT,
      [LIVE, ROOMS, mark],
      [
        id,
        String(notAfter),
        String(sessionsMax),
        room ?? '',
        evicted ?? '',
        String(LIST_MS),
        String(markMs),
        CREATED,
        this.#node,
      ],
    )
    const [status, active] = Array.isArray(reply) ? reply : []
    if (status === 'ok') return Number(active)
    return status === 'overtaken' ? status : 'late'
  }

  /** Ends a session that nobody was told of, for any process that has loaded it all the same. */
  async close(id: SessionId, nonce: string): Promise<void> {
    const { log, channel } = keysOf(id)
    const end = commandText({ type: 'session.terminate', at: 0, reason: 'failed' }, undefined)
    await this.#connection.run(CLOSE, [log], [nonce, end, channel, id])
  }

  /** Records that a session is over; whoever asks for it in the next minutes is told so. */
  async bury(id: SessionId, room: Room | null): Promise<void> {
    const { log, snap } = keysOf(id)
    await Promise.all([
      this.#connection.call('PEXPIRE', log, String(OVER_MS)),
      this.#connection.call('PEXPIRE', snap, String(OVER_MS)),
      this.#connection.run(BURY, [LIVE, ENDED, ROOMS], [id, room ?? '', String(LIST_MS), String(ENDED_MAX)]),
    ])
  }

  /** The live sessions, newest first, and the newest of those that are over. */
  async known(): Promise<{ readonly live: readonly SessionId[]; readonly ended: readonly SessionId[] }> {
    const [live, ended] = await Promise.all([
      this.#connection.call('ZRANGE', LIVE, '0', '-1', 'REV'),
      this.#connection.call('ZRANGE', ENDED, String(-REMEMBERED_MAX), '-1'),
    ])
    return { live: idsOf(live), ended: idsOf(ended) }
  }

  /** The sessions created since then that are not over. @param at - by Redis' clock */
  async createdSince(at: number): Promise<readonly SessionId[]> {
    return idsOf(await this.#connection.call('ZRANGEBYSCORE', LIVE, String(at), '+inf'))
  }

  async inRoom(room: Room): Promise<SessionId | null> {
    const [id] = idsOf([await this.#connection.call('HGET', ROOMS, room)])
    return id ?? null
  }

  /** Lists these sessions again, whatever the lists say, except for those that are over. */
  async keep(sessions: ReadonlyMap<SessionId, Room | null>): Promise<void> {
    const left = [...sessions]
    while (left.length > 0) {
      const words = left.splice(0, KEPT_AT_ONCE_MAX).flatMap(([id, room]) => [id, room ?? ''])
      await this.#connection.run(KEEP, [LIVE, ENDED, ROOMS], [String(LIST_MS), ...words])
    }
  }

  /** Whether a session is over, as far as that is remembered. */
  async isOver(id: SessionId): Promise<boolean> {
    return (await this.#connection.call('ZSCORE', ENDED, id)) !== null
  }

  /** Frees the session's place. */
  async unlist(id: SessionId): Promise<void> {
    await this.#connection.call('ZREM', LIVE, id)
  }
}

function idsOf(reply: unknown): readonly SessionId[] {
  return Array.isArray(reply) ? reply.filter((id) => id !== null) : []
}
