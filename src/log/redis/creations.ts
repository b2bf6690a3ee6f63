import type { SessionId } from '../../../machines/ids.js'
import type { Creation, Placed } from '../../runtime/command-log.js'
import type { Grave } from './burials.js'
import { AWAY_MS, type Connection } from './connection.js'
import { birthOf, birthText, placeOf } from './entry.js'
import { keysOf } from './keys.js'
import { CREATE } from './scripts.js'
import type { SessionList } from './session-list.js'
import { type SessionLogs, ttlOf } from './session-logs.js'

/** The most sessions being created at a time; further ones are told at once that the log is away. */
const CREATIONS_MAX = 256
/** How long after its deadline the answer to a call may arrive, in milliseconds. */
const ANSWER_MS = 200

const UNAVAILABLE: Placed = { type: 'unavailable' }

export interface CreationsOptions {
  readonly connection: Connection
  readonly list: SessionList
  readonly logs: SessionLogs
  /** A session is over that other processes may have loaded. */
  readonly bury: (id: SessionId, grave: Grave) => void
  /** Runs work whose errors are logged. */
  readonly contained: (work: () => void) => void
}

/** Gives new sessions their logs, and their places in the list of all processes. */
export class Creations {
  readonly #options: CreationsOptions
  /** Sessions being created here: they may already be listed, but must not be loaded. */
  readonly #underWay = new Set<SessionId>()

  constructor(options: CreationsOptions) {
    this.#options = options
  }

  /** Whether this session is being created here. */
  has(id: SessionId): boolean {
    return this.#underWay.has(id)
  }

  /** @param placed - called once, after little more than two seconds at most */
  begin(creation: Creation, placed: (placed: Placed) => void): void {
    const { connection, bury, contained } = this.#options
    if (!connection.isAvailable || this.#underWay.size >= CREATIONS_MAX) {
      placed(UNAVAILABLE)
      return
    }
    const { id, room = null } = creation.birth.input
    let isOver = false
    const once = (found: Placed) => {
      if (isOver) return
      isOver = true
      clearTimeout(timer)
      contained(() => placed(found))
    }
    const timer = setTimeout(() => once(UNAVAILABLE), AWAY_MS + ANSWER_MS)
    this.#underWay.add(id)
    this.#create(creation)
      .catch(() => UNAVAILABLE)
      .then((found) => {
        // It exists, but whoever asked for it was told otherwise.
        if (found.type === 'placed' && isOver) bury(id, { room, isOpen: true })
        once(found)
        this.#underWay.delete(id)
      })
  }

  async #create(creation: Creation): Promise<Placed> {
    const { connection, list, logs, bury } = this.#options
    const { birth } = creation
    const { id, settings, room = null } = birth.input
    const { log } = keysOf(id)
    const text = birthText(birth)
    const notAfter = connection.now() + AWAY_MS
    const reply = await connection.run(CREATE, [log], [String(notAfter), String(ttlOf(settings)), text])
    const [status, first] = Array.isArray(reply) ? reply : []
    if (status !== 'ok') return UNAVAILABLE
    // Only now, since every process runs what is listed. A log that is not listed expires.
    let active: number | 'overtaken' | 'late'
    try {
      active = await list.admit(creation, notAfter)
      if (typeof active === 'number' && !(await connection.isKept())) active = 'late'
    } catch (error) {
      bury(id, { room, isOpen: true })
      throw error
    }
    if (active === 'late') bury(id, { room, isOpen: true })
    if (active === 'overtaken') connection.call('DEL', log).catch(() => {})
    if (typeof active !== 'number') return active === 'overtaken' ? { type: 'overtaken' } : UNAVAILABLE
    const place = placeOf(first)
    const made = birthOf({ place, nonce: '', text })
    logs.begin(made.input, place)
    return { type: 'placed', birth: made, active }
  }
}
