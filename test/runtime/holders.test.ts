import type { NodeId, RoundId, UserId } from '../../machines/ids.js'
import { DEADLINES, type DeadlineName } from '../../machines/session/deadlines.js'
import type { SessionHost } from '../../src/runtime/session-host.js'
import { Api } from '../support/api.js'
import type { Untimed } from '../support/chart.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { KeptLog } from '../support/kept-log.js'
import { SimulatedClock } from '../support/simulated-clock.js'

/* One session, and several processes that each set a timer for what is due in it. */

const START = Date.parse('2026-01-31T09:30:00.000Z')
/** Everything has happened this long after it is due, in milliseconds. */
const LATE_MS_MAX = 100

const NODE = 'elsewhere' as NodeId

interface Wait {
  readonly what: string
  /** What makes the session wait. */
  readonly begin: (ada: UserId) => readonly Untimed[]
  readonly deadline: DeadlineName
  readonly makes: string
}

const WAITS: readonly Wait[] = [
  {
    what: 'the reveal',
    begin: (by) => [
      { type: 'round.start', by, roundId: 'round' as RoundId },
      { type: 'round.reveal', by },
    ],
    deadline: 'revealDeadline',
    makes: 'round_completed',
  },
  {
    what: 'the wait for the Scrum Master',
    begin: (userId) => [1, 0].map((open) => ({ type: 'presence.streams', userId, node: NODE, open })),
    deadline: 'graceDeadline',
    makes: 'grace_period_ended',
  },
  { what: 'the idle time', begin: () => [], deadline: 'idleDeadline', makes: 'session_expired' },
]

const servers: InProcess[] = []

afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())))

describe.each([1, 2, 3])('with %d holders', (count) => {
  test.each(WAITS)('$what is over once, and in time', async ({ begin, deadline, makes }) => {
    const clock = new SimulatedClock(START)
    const kept = new KeptLog(clock)
    const environment = { REVEAL_SECONDS: '3', DISCONNECT_DEBOUNCE_SECONDS: '0' }
    for (let node = 0; node < count; node += 1)
      servers.push(await startInProcess({ clock, commandLog: kept.open().log, environment }))
    const ada = await new Api(servers[0]?.url ?? '').create()
    await new Api(servers.at(-1)?.url ?? '').join(ada.sessionId)
    const hosts = servers.flatMap(({ services }) => [...services.supervisor.sessions()])
    expect(hosts).toHaveLength(count)
    const [host] = hosts
    for (const command of begin(ada.userId as UserId)) host?.propose({ ...command, at: clock.now() })
    // By then, whoever closed their last stream is away.
    clock.increment(LATE_MS_MAX)
    const dueAt = host === undefined ? null : DEADLINES[deadline](host.snapshot.context)
    if (dueAt === null) throw new Error('nothing is due')
    clock.increment(dueAt - 1 - clock.now())
    const made = () => hosts.map(({ log }) => countOf(log, makes))
    expect(made()).toEqual(hosts.map(() => 0))
    const ticks = () => kept.text.split('tick').length - 1
    const ticksBefore = ticks()
    while (made().includes(0) && clock.now() < dueAt + LATE_MS_MAX) clock.increment(1)
    expect(made()).toEqual(hosts.map(() => 1))
    clock.increment(LATE_MS_MAX)
    expect(made()).toEqual(hosts.map(() => 1))
    // A process that comes later finds that it was proposed. Nothing is kept of a session that is over.
    if (makes !== 'session_expired') expect(ticks()).toBe(ticksBefore + 1)
  })
})

function countOf(log: SessionHost['log'], type: string): number {
  return (log.since(0) ?? []).filter(({ frame }) => frame.includes(`"type":"${type}"`)).length
}
