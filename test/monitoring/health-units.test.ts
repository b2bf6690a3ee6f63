import { Writable } from 'node:stream'
import { Alerts } from '../../src/monitoring/alerts.js'
import { EventLoop } from '../../src/monitoring/event-loop.js'
import { Health } from '../../src/monitoring/health.js'
import { nextLevel } from '../../src/monitoring/levels.js'
import type { Resources } from '../../src/monitoring/resources.js'
import { createLogger } from '../../src/platform/logger.js'
import { Histogram, quantile } from '../../src/runtime/histogram.js'
import { Telemetry } from '../../src/runtime/telemetry.js'
import { linesOf } from '../support/log-lines.js'
import { SimulatedClock } from '../support/simulated-clock.js'

describe('a level', () => {
  const thresholds = { warning: 0.8, critical: 0.9 }

  test.each([
    ['ok', 0.79, 'ok'],
    ['ok', 0.8, 'warning'],
    ['ok', 0.95, 'critical'],
    ['warning', 0.73, 'warning'],
    ['warning', 0.71, 'ok'],
    ['warning', 0.9, 'critical'],
    ['critical', 0.82, 'critical'],
    ['critical', 0.8, 'warning'],
    ['critical', 0.71, 'ok'],
    ['warning', null, 'warning'],
  ] as const)('%s at %s becomes %s', (level, value, next) => {
    expect(nextLevel(level, value, thresholds)).toBe(next)
  })

  test('does not flap while the value swings about its threshold', () => {
    let level: ReturnType<typeof nextLevel> = 'ok'
    const levels = [0.81, 0.79, 0.81, 0.78, 0.82].map((value) => {
      level = nextLevel(level, value, thresholds)
      return level
    })
    expect(new Set(levels)).toEqual(new Set(['warning']))
  })

  test('of a check that only warns is never critical', () => {
    expect(nextLevel('ok', 5, { warning: 0.8, critical: null })).toBe('warning')
  })
})

test('of alerts the newest hundred are kept', () => {
  const alerts = new Alerts()
  for (let at = 0; at < 150; at += 1) {
    alerts.add({ at, check: 'cpu_usage', level: 'warning', value: 1, message: '' })
  }
  expect(alerts.recent).toHaveLength(100)
  expect(alerts.recent[0]?.at).toBe(50)
  expect(alerts.recent.at(-1)?.at).toBe(149)
})

describe('a histogram', () => {
  test('counts up to and with each bound', () => {
    const histogram = new Histogram([1, 2, 5])
    for (const value of [0.5, 1, 1.5, 5, 6]) histogram.observe(value)
    expect(histogram.cumulative()).toEqual([2, 3, 4, 5])
    expect(histogram.sum).toBe(14)
  })

  test('tells quantiles to within a bucket', () => {
    expect(quantile([1, 2, 5], [0, 100, 100, 100], 0.5)).toBe(1.5)
    expect(quantile([1, 2, 5], [0, 0, 0, 10], 0.5)).toBe(5)
    expect(quantile([1, 2, 5], [0, 0, 0, 0], 0.5)).toBeNull()
  })
})

describe('the event loop', () => {
  function watched() {
    let now = 0
    const stalls: number[] = []
    const loop = new EventLoop(
      () => now,
      (stalledMs) => stalls.push(stalledMs),
    )
    const turnAfter = (ms: number) => {
      now += ms
      loop.turned()
    }
    return { loop, stalls, turnAfter }
  }

  test('that turns a little late has not stalled', () => {
    const { loop, stalls, turnAfter } = watched()
    for (const ms of [250, 260, 900, 1_200]) turnAfter(ms)
    expect(loop.isStalled).toBe(false)
    expect(stalls).toEqual([])
  })

  test('that stood still says so for three seconds afterwards', () => {
    const { loop, stalls, turnAfter } = watched()
    turnAfter(2_250)
    expect(stalls).toEqual([2_000])
    expect(loop.stalls).toBe(1)
    for (let turns = 0; turns < 11; turns += 1) turnAfter(250)
    expect(loop.isStalled).toBe(true)
    turnAfter(250)
    expect(loop.isStalled).toBe(false)
  })

  test('that has not turned yet is known to stand still before it turns', () => {
    let now = 0
    const loop = new EventLoop(
      () => now,
      () => {},
    )
    loop.start()
    now = 1_249
    expect(loop.isStalled).toBe(false)
    now = 1_250
    expect(loop.isStalled).toBe(true)
    loop.stop()
  })
})

describe('health', () => {
  const IDLE: Resources = {
    source: 'container',
    memoryUsedBytes: 100,
    memoryLimitBytes: 1_000,
    heapUsedBytes: 1,
    heapLimitBytes: 2,
    rssBytes: 1,
    cpuUsedSeconds: 0,
    cpuLimit: 0.5,
    disk: null,
  }
  const INTERVAL_MS = 30_000

  function watched() {
    const clock = new SimulatedClock()
    const telemetry = new Telemetry(() => clock.now())
    let log = ''
    const sink = new Writable({
      write(chunk, _encoding, done) {
        log += chunk
        done()
      },
    })
    let resources = IDLE
    let measured = 0
    let fault: Error | null = null
    const fail = (error: Error | null) => {
      fault = error
    }
    const health = new Health({
      clock,
      telemetry,
      logger: createLogger({ LOG_LEVEL: 'info', DEBUG: false }, clock, sink),
      eventLoop: new EventLoop(telemetry.now, () => {}),
      intervalMs: INTERVAL_MS,
      measure: async () => {
        measured += 1
        if (fault !== null) throw fault
        return resources
      },
    })
    health.start()
    /** What is measured comes in the turn after. */
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    /** One interval on, with what is found then. */
    const next = async (found: Partial<Resources> = {}) => {
      await turn()
      resources = { ...resources, ...found }
      clock.increment(INTERVAL_MS)
      await turn()
    }
    return { clock, telemetry, health, next, fail, log: () => log, measured: () => measured }
  }

  test('is measured every HEALTH_CHECK_INTERVAL', async () => {
    const { health, next, measured } = watched()
    for (let sample = 1; sample <= 3; sample += 1) {
      expect(measured()).toBe(sample)
      await next()
    }
    health.stop()
    await next()
    expect(measured()).toBe(4)
  })

  test('one measurement that fails is logged, and the next is made', async () => {
    const { clock, health, next, log, fail } = watched()
    fail(new Error('EMFILE'))
    await next()
    expect(linesOf(log(), 'monitoring failed')).toMatchObject([
      { level: 'error', err: { message: 'EMFILE' } },
    ])
    fail(null)
    await next({ memoryUsedBytes: 123 })
    expect(health.known?.resources.memoryUsedBytes).toBe(123)
    expect(clock.now()).toBeGreaterThan(INTERVAL_MS)
  })

  test('CPU is the time used of what the container allows', async () => {
    const { health, next } = watched()
    expect((await health.latest()).cpuUsage).toBeNull()
    await next({ cpuUsedSeconds: 12 })
    expect((await health.latest()).cpuUsage).toBeCloseTo(0.8)
    await next({ cpuUsedSeconds: 26.9 })
    expect(health.levels.cpu_usage).toBe('warning')
  })

  test('a check that fails is an alert and a log line, once, and so is its end', async () => {
    const { health, next, log } = watched()
    for (const memoryUsedBytes of [860, 840, 870, 960, 900, 700]) await next({ memoryUsedBytes })
    expect(health.alerts.recent.map(({ check, level, value }) => [check, level, value])).toEqual([
      ['memory_usage', 'warning', 0.86],
      ['memory_usage', 'critical', 0.96],
      ['memory_usage', 'resolved', 0.7],
    ])
    const lines = [...linesOf(log(), 'health check failed'), ...linesOf(log(), 'health check recovered')]
    expect(lines.map(({ level, check, value }) => [level, check, value])).toEqual([
      ['warn', 'memory_usage', 0.86],
      ['error', 'memory_usage', 0.96],
      ['info', 'memory_usage', 0.7],
    ])
  })

  test('errors are the server’s own faults among the requests of the window', async () => {
    const { health, telemetry, next } = watched()
    const requests = (status: number, times: number, ms = 1) => {
      for (let done = 0; done < times; done += 1) telemetry.requestEnded('castVote', status, ms)
    }
    requests(500, 10)
    await next()
    expect(health.levels.error_rate).toBe('ok')
    requests(200, 60)
    requests(404, 20)
    requests(503, 10)
    requests(500, 10)
    await next()
    expect((await health.latest()).window).toMatchObject({ requests: 100, errorRate: 0.1 })
    expect(health.levels.error_rate).toBe('critical')
    await next()
    expect(health.levels.error_rate).toBe('ok')
    requests(200, 100, 800)
    await next()
    expect(health.levels.response_time).toBe('warning')
  })

  test('asked for at once by many it is measured once', async () => {
    const { health, clock, measured } = watched()
    await Promise.all([health.check(), health.latest(), health.check()])
    await health.check()
    expect(measured()).toBe(1)
    clock.increment(1_000)
    await health.check()
    expect(measured()).toBe(2)
  })
})
