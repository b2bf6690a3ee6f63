import { nextTimer } from '../../machines/session/timers.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { Overdue } from '../../src/monitoring/overdue.js'
import { createLogger } from '../../src/platform/logger.js'
import type { CommandLog } from '../../src/runtime/command-log.js'
import { LogFigures } from '../../src/runtime/log-figures.js'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { waitUntil } from '../support/log-lines.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const TIMEOUT_MS = 60_000
const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

const servers: InProcess[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
})

async function started(options: Parameters<typeof startInProcess>[0]): Promise<InProcess> {
  const server = await startInProcess(options)
  servers.push(server)
  return server
}

/** The figures that a server reports over HTTP. */
async function figuresOf(server: InProcess) {
  return (await new Api(server.url).request('/api/health/metrics')).body
}

/** What a server's status says of the log. */
async function logOf(server: InProcess) {
  const { body } = await new Api(server.url).request('/api/health/status')
  return body.command_log
}

test('with the log in memory, there are no figures of a log', async () => {
  const server = await started({})
  await new Api(server.url).create()
  const { counters, gauges, histograms } = await figuresOf(server)
  const names = Object.keys({ ...counters, ...gauges, ...histograms })
  expect(names.filter((name) => name.startsWith('log_'))).toEqual([])
  expect((await new Api(server.url).request('/metrics')).text).not.toContain('magnapp_log_')
  expect(await logOf(server)).toMatchObject({
    is_durable: false,
    is_available: true,
    servers: 1,
    silent_seconds: null,
    overdue_seconds: null,
  })
})

describe('what is overdue', () => {
  /** A log that is available but never gives a command its place. */
  const stuck: CommandLog = {
    ...memoryLog,
    follow: () => ({ propose: () => {}, catchUp: (then) => then(true) }),
  }

  test('is as late as the timer that has been due longest without firing', async () => {
    const clock = new SimulatedClock(Date.parse('2026-01-31T09:30:00.000Z'))
    const server = await started({ clock, commandLog: stuck, logFigures: new LogFigures() })
    const api = new Api(server.url)
    await api.create('One')
    clock.increment(60_000)
    await api.create('Other')
    expect((await figuresOf(server)).gauges.log_overdue_seconds).toBe(0)
    const [one] = server.services.supervisor.sessions()
    const dueAt = one === undefined ? null : nextTimer(one.snapshot)?.dueAt
    clock.increment((dueAt ?? 0) - clock.now() + 7_000)
    expect((await figuresOf(server)).gauges.log_overdue_seconds).toBe(7)
    expect(await logOf(server)).toMatchObject({ overdue_seconds: 7 })
    expect((await api.request('/metrics')).text).toMatch(/^magnapp_log_overdue_seconds 7$/m)
  })

  test('is looked for in a hundred sessions per turn', async () => {
    const clock = new SimulatedClock()
    const server = await started({ clock, commandLog: stuck })
    await new Api(server.url).create()
    const [host] = server.services.supervisor.sessions()
    if (host === undefined) throw new Error('there is no session')
    let looked = 0
    const counted = {
      get snapshot() {
        looked += 1
        return host.snapshot
      },
    }
    const overdue = new Overdue(() => Array.from({ length: 250 }, () => counted), clock)
    const looks = [overdue.look(), overdue.look()]
    expect(looked).toBe(100)
    await Promise.all(looks)
    expect(looked).toBe(250)
  })
})

describeWithRedis('two servers on one Redis', () => {
  let redis: RedisServer

  beforeEach(async () => {
    redis = await RedisServer.start()
  }, TIMEOUT_MS)

  afterEach(() => redis.stop(), TIMEOUT_MS)

  async function server(): Promise<InProcess> {
    const logFigures = new LogFigures()
    const commandLog = await RedisLog.open({ url: redis.url, logger, figures: logFigures })
    return started({ commandLog, logFigures })
  }

  test(
    'report how the log is doing',
    async () => {
      const [one, other] = [await server(), await server()]
      const api = new Api(one.url)
      const ada = await api.create()
      await new Api(other.url).session(ada.sessionId)
      await api.command(ada, 'start')
      await waitUntil(async () => (await figuresOf(one)).gauges.log_servers === 2)
      await waitUntil(async () => (await figuresOf(other)).counters['log_entries_total[origin=other]'] > 0)
      const { counters, gauges, histograms } = await figuresOf(one)
      expect(gauges.log_away).toBe(0)
      expect(gauges.log_overdue_seconds).toBeGreaterThanOrEqual(0)
      expect(gauges.log_silent_seconds).toBeGreaterThanOrEqual(0)
      expect(histograms.log_append_duration_seconds.count).toBeGreaterThanOrEqual(1)
      expect((await figuresOf(other)).histograms.log_lag_seconds.count).toBeGreaterThanOrEqual(1)
      expect(counters).toMatchObject({
        'log_reloads_total[reason=diverged]': 0,
        'log_reloads_total[reason=forked]': 0,
        'log_loads_total[outcome=unreadable]': 0,
        log_rebuilds_total: 0,
      })
    },
    TIMEOUT_MS,
  )

  test(
    'report that the log is away, and how long it has been silent',
    async () => {
      const one = await server()
      await redis.signal('SIGSTOP')
      await waitUntil(async () => (await figuresOf(one)).gauges.log_away === 1)
      expect((await figuresOf(one)).gauges.log_silent_seconds).toBeGreaterThanOrEqual(2)
      const away = await logOf(one)
      expect(away).toMatchObject({ is_durable: true, is_available: false, servers: 1 })
      expect(away.silent_seconds).toBeGreaterThanOrEqual(2)
      await redis.signal('SIGCONT')
      await waitUntil(async () => (await figuresOf(one)).gauges.log_away === 0)
    },
    TIMEOUT_MS,
  )
})
