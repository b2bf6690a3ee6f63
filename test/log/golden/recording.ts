import type { NodeId, UserId } from '../../../machines/ids.js'
import type { SessionInput } from '../../../machines/session/context.js'
import { SEMANTICS } from '../../../machines/session/semantics.js'
import { nextTimer } from '../../../machines/session/timers.js'
import { birthText, commandText, type Entry } from '../../../src/log/redis/entry.js'
import { tokenDigest } from '../../../src/runtime/credentials.js'
import type { Mark } from '../../../src/runtime/marks.js'
import { ADA, MINUTE_MS, SESSION, SETTINGS, type Untimed } from '../../support/chart.js'
import { SimulatedClock } from '../../support/simulated-clock.js'
import { type Line, Replay } from './replay.js'

export const EAST = 'east' as NodeId
export const WEST = 'west' as NodeId

const BEGIN = Date.parse('2026-01-31T09:30:00.000Z')
/** Between two commands, in milliseconds. */
const PAUSE_MS = 140

/** What differs from session to session. */
export type Wish = Partial<Pick<SessionInput, 'settings' | 'rules' | 'room'>>

/** A session played for the record, on a clock of its own, in the way a process does it. */
export class Recording {
  readonly #clock = new SimulatedClock(BEGIN)
  readonly #replay: Replay
  readonly #lines: Line[] = []
  readonly #snapshots: string[] = []
  #proposed = 0

  constructor(wish: Wish = {}) {
    const input = {
      id: SESSION,
      name: 'Sprint 42',
      creator: { id: ADA, name: 'Ada', avatar: 'fox' },
      tokenDigest: digestOf(ADA),
      at: BEGIN,
      settings: { ...SETTINGS, debounceMs: 2_000, idleMs: 30 * MINUTE_MS, idleWarningMs: 5 * MINUTE_MS },
      semantics: SEMANTICS.max,
      ...wish,
    }
    const text = birthText({ input, address: '192.0.2.1', mark: markOf('creation') })
    const first: Entry = { place: { ms: BEGIN, seq: 1 }, nonce: '', text }
    this.#replay = Replay.from(first)
    this.#lines.push(this.#replay.line(first, null))
  }

  /** What has been played so far. */
  get lines(): readonly Line[] {
    return this.#lines
  }

  /** The places noted, as Redis would have them. */
  get snapshots(): readonly string[] {
    return this.#snapshots
  }

  get context() {
    return this.#replay.snapshot.context
  }

  /** Notes this place. */
  note(): this {
    this.#snapshots.push(this.#replay.snapshotText())
    return this
  }

  /** Commands, each a moment after the last. */
  do(...commands: readonly Untimed[]): this {
    for (const command of commands) this.marked(command)
    return this
  }

  /** A command, with a mark if it may be repeated. */
  marked(command: Untimed, mark?: Mark): this {
    this.wait(PAUSE_MS)
    this.#append(command, mark)
    return this
  }

  /** They join and open a stream. */
  join(node: NodeId, ...ids: readonly UserId[]): this {
    for (const userId of ids) this.do(joining(userId), streams(userId, node, 1))
    return this
  }

  /** Time passes, and what falls due fires then. */
  wait(ms: number): this {
    const end = this.#clock.now() + ms
    for (
      let timer = nextTimer(this.#replay.snapshot);
      timer !== null;
      timer = nextTimer(this.#replay.snapshot)
    ) {
      if (timer.dueAt > end) break
      this.#clock.increment(Math.max(0, timer.dueAt - this.#clock.now()))
      this.#append({ type: 'tick' })
    }
    this.#clock.increment(end - this.#clock.now())
    return this
  }

  /** Time passes without a process; what fell due meanwhile fires when there is one again. */
  sleep(ms: number): this {
    this.#clock.increment(ms)
    this.#append({ type: 'tick' })
    return this
  }

  #append(untimed: Untimed, mark?: Mark): void {
    const seq = this.#replay.place.seq + 1
    const ms = this.#clock.now()
    this.#proposed += 1
    const nonce = `${this.#proposed % 3 === 0 ? WEST : EAST}.${this.#proposed}`
    const entry = { place: { ms, seq }, nonce, text: commandText({ ...untimed, at: ms }, mark) }
    const outcome = this.#replay.take(entry)
    if (outcome.type === 'failed') throw outcome.error
    this.#lines.push(this.#replay.line(entry, outcome))
  }
}

export function joining(userId: UserId, role?: 'voter' | 'observer') {
  const command = { type: 'participant.join', userId, name: nameOf(userId), avatar: 'owl' } as const
  return { ...command, tokenDigest: digestOf(userId), ...(role === undefined ? {} : { role }) }
}

export function streams(userId: UserId, node: NodeId, open: number) {
  return { type: 'presence.streams', userId, node, open } as const
}

/** As in a request with an `Idempotency-Key`. */
export function markOf(key: string): Mark {
  return { id: `id of ${key}`, request: `request of ${key}`, salt: `salt of ${key}` }
}

function digestOf(userId: UserId) {
  return tokenDigest(`token of ${userId}`)
}

function nameOf(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1)
}
