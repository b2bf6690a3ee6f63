import type { SessionId } from '../../machines/ids.js'
import type { PersonCommand } from '../../machines/session/commands.js'
import { statusOf } from '../../machines/session/machine.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { createLogger } from '../../src/platform/logger.js'
import type { SessionCommandLog } from '../../src/runtime/command-log.js'
import type { Outcome } from '../../src/runtime/outcome.js'
import type { SessionReplica } from '../../src/runtime/session-replica.js'
import { BOB, CYD, MINUTE_MS, SETTINGS } from '../support/chart.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { type Asked, CONFLICTS, type Conflict, type Found, gathered, SEATS } from './conflicts.js'
import { birthOf, create, replicaOf } from './contract.js'

/*
 * Two processes propose conflicting commands at the same instant, a thousand times for each pair; a third
 * process only reads. The order of the log decides, and it decides the same everywhere.
 */

const TIMES = 1_000
/** Played in parallel, so that a call carries the commands of one session and the log has those of many. */
const SESSIONS = 50
const TIMEOUT_MS = 60_000

const SESSION_SETTINGS = {
  ...SETTINGS,
  participantsMax: SEATS,
  revealMs: 0,
  idleMs: 600 * MINUTE_MS,
  presenceMs: 600 * MINUTE_MS,
}

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

const EVERY_COMMAND: Readonly<Record<PersonCommand['type'], true>> = {
  'participant.join': true,
  'participant.leave': true,
  'participant.kick': true,
  'participant.reconnect': true,
  'leadership.transfer': true,
  'round.start': true,
  'round.reveal': true,
  'round.extend': true,
  'round.accept': true,
  'vote.cast': true,
  'vote.withdraw': true,
  'settings.change': true,
  'role.change': true,
  'stories.add': true,
  'stories.patch': true,
  'stories.remove': true,
  'stories.order': true,
  'participant.nudge': true,
  'seat.offer': true,
  'seat.take': true,
  'session.pause': true,
  'session.resume': true,
  'session.extend': true,
  'session.end': true,
  'mobile.optimize': true,
}

/** An entry as a process carried it out. */
interface CarriedOut {
  readonly isOwn: boolean
  readonly fate: string | null
  /** It left everything unchanged. */
  readonly isUntouched: boolean
}

/** A session on one process. */
class Seat {
  readonly replica: SessionReplica
  readonly #commands: SessionCommandLog
  /** The last two entries. */
  newest: readonly CarriedOut[] = []

  constructor(log: RedisLog, replica: SessionReplica) {
    this.replica = replica
    this.#commands = log.follow(replica.id, {
      apply: (command, mark, isOwn = false) => {
        const { snapshot, log: events } = replica
        const { last } = events
        const outcome = replica.apply(command, mark)
        const isUntouched = replica.snapshot === snapshot && events.last === last
        this.newest = [...this.newest.slice(-1), { isOwn, fate: fateOf(outcome), isUntouched }]
        return outcome
      },
      refuses: (command, mark) => replica.refuses(command, mark),
      persisted: () => replica.persisted(),
    })
  }

  get found(): Found {
    const { snapshot } = this.replica
    return { status: statusOf(snapshot), context: snapshot.context }
  }

  /** Its snapshot as it would be written, and what clients compare. */
  get bytes(): string {
    return `${JSON.stringify(this.replica.persisted())} ${this.replica.after().checksum()}`
  }

  /** The time of a command is that of its place. */
  propose(asked: Asked): Promise<string | null> {
    return new Promise((resolve) =>
      this.#commands.propose({ ...asked, at: 0 }, (outcome) => resolve(fateOf(outcome))),
    )
  }

  catchUp(): Promise<unknown> {
    return new Promise((resolve) => this.#commands.catchUp(resolve))
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Both at the same instant; every fourth time the one a moment later, and every fourth time the other. */
function inTurn<Value>(one: () => Promise<Value>, other: () => Promise<Value>, count: number) {
  const later = async (ask: () => Promise<Value>) => {
    await turn()
    return ask()
  }
  const place = Math.floor(count / SESSIONS) % 4
  if (place === 0) return Promise.all([later(one), other()])
  return Promise.all([one(), place === 1 ? later(other) : other()])
}

const isOdd = (count: number) => count % 2 === 1

/** Compares cheaply, for there are thousands: only a difference is worth a report. */
function expectSame(found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found).toEqual(expected)
}

function fateOf(outcome: Outcome): string | null {
  if (outcome.type === 'done') return null
  return outcome.type === 'refused' ? outcome.refusal.code : outcome.type
}

describeWithRedis('conflicting commands, given to two processes at the same instant', () => {
  let redis: RedisServer
  let logs: RedisLog[] = []

  beforeAll(async () => {
    redis = await RedisServer.start()
  })

  afterAll(() => redis.stop())

  beforeEach(async () => {
    await redis.ask('FLUSHALL')
    logs = await Promise.all([1, 2, 3].map(() => RedisLog.open({ url: redis.url, logger })))
  })

  afterEach(() => Promise.all(logs.map((log) => log.close())))

  /** A session on all of them. */
  async function seatsOf(id: string, { rules = {} }: Conflict): Promise<readonly Seat[]> {
    const [first, ...others] = logs
    if (first === undefined) throw new Error('there is no process')
    const placed = await create(first, id, { settings: SESSION_SETTINGS, rules })
    if (placed.type !== 'placed') throw new Error('there is no session')
    const seats = [new Seat(first, replicaOf(placed.birth))]
    for (const log of others) {
      let replica: SessionReplica | null = null
      await log.load(id as SessionId, (from) => {
        replica = replicaOf(from)
        return replica
      })
      if (replica === null) throw new Error('the session is not there')
      seats.push(new Seat(log, replica))
    }
    return seats
  }

  /** @returns whether `one` came first */
  async function clash(seats: readonly Seat[], conflict: Conflict, count: number): Promise<boolean> {
    const [here, there] = isOdd(count) ? seats : [seats[1], seats[0]]
    if (here === undefined || there === undefined) throw new Error('there are no processes')
    const { others = [BOB, CYD], before = () => [] } = conflict
    await untilDone(here, gathered(here.found, others))
    await untilDone(here, before(here.found, count))
    const { found } = here
    // A process that has just asked for something has a call on its way, and would mostly come second.
    await turn()
    const one = () => here.propose(conflict.one(count, found))
    const other = () => there.propose(conflict.other(count, found))
    const fates = await inTurn(one, other, count)
    await Promise.all(seats.map((seat) => seat.catchUp()))
    const isOneFirst = here.newest[0]?.isOwn === true
    const [ofOne, ofOther] = isOneFirst ? conflict.oneFirst : conflict.otherFirst
    const inOrder = isOneFirst ? [ofOne, ofOther] : [ofOther, ofOne]
    const entries = (owns: readonly boolean[]): readonly CarriedOut[] =>
      inOrder.map((fate, index) => ({ isOwn: owns[index] === true, fate, isUntouched: fate !== null }))
    // Each proposer was told the outcome of its own command, and all carried out the same two in one order.
    expectSame(
      { fates, newest: [here, there, ...seats.slice(2)].map(({ newest }) => newest) },
      {
        fates: [ofOne, ofOther],
        newest: [entries([isOneFirst, !isOneFirst]), entries([!isOneFirst, isOneFirst]), entries([])],
      },
    )
    const { bytes } = here
    if (seats.some((seat) => seat.bytes !== bytes))
      expect(seats.map((seat) => seat.bytes)).toEqual(seats.map(() => bytes))
    return isOneFirst
  }

  async function untilDone(seat: Seat, asked: readonly Asked[]): Promise<void> {
    const fates = await Promise.all(asked.map((command) => seat.propose(command)))
    expect(fates.filter((fate) => fate !== null)).toEqual([])
  }

  test.each(CONFLICTS.map((conflict) => [conflict.name, conflict] as const))(
    '%s: one order, one outcome, the same bytes everywhere',
    async (_name, conflict) => {
      let firsts = 0
      let clashes = 0
      const play = async (table: number) => {
        let seats = await seatsOf(`table ${table}`, conflict)
        for (let count = table; count < TIMES; count += SESSIONS) {
          if (await clash(seats, conflict, count)) firsts += 1
          clashes += 1
          if (conflict.isLast && count + SESSIONS < TIMES) {
            for (const log of logs) log.letGo(`table ${table}` as SessionId)
            seats = await seatsOf(`table ${table} ${count}`, conflict)
          }
        }
      }
      await Promise.all(Array.from({ length: SESSIONS }, (_, table) => play(table)))
      expect(clashes).toBe(TIMES)
      // Both orders must occur: otherwise the test would say nothing about one of them.
      expect([firsts > 0, firsts < TIMES]).toEqual([true, true])
    },
    TIMEOUT_MS,
  )

  test('are of every type that people can send', () => {
    const { context } = replicaOf(birthOf('one')).snapshot
    const found: Found = { status: 'waiting', context }
    const types = CONFLICTS.flatMap(({ one, other }) => [one(0, found).type, other(0, found).type])
    expect([...new Set(types)].sort()).toEqual(Object.keys(EVERY_COMMAND).sort())
  })
})
