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

  test('does not flap while the value swings around its threshold', () => {
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

test('only the newest hundred alerts are kept', () => {
  const clock = new SimulatedClock()
  const alerts = new Alerts(clock)
  for (let count = 0; count < 150; count += 1) {
    alerts.add('WARNING', 'too much')
    clock.increment(1)
  }
  expect(alerts.recent).toHaveLength(100)
  expect(alerts.recent[0]?.at).toBe(50)
  expect(alerts.recent.at(-1)?.at).toBe(149)
})

describe('a histogram', () => {
  test('counts up to and including each bound', () => {
    const histogram = new Histogram([1, 2, 5])
    for (const value of [0.5, 1, 1.5, 5, 6]) histogram.observe(value, 0)
    expect(histogram.cumulative()).toEqual([2, 3, 4, 5])
    expect(histogram.sum).toBe(14)
  })

  test('knows the minimum, the maximum and the newest ten values', () => {
    const histogram = new Histogram([1])
    expect([histogram.min, histogram.max, histogram.recent]).toEqual([null, null, []])
    for (let value = 1; value <= 12; value += 1) histogram.observe(value, 100 + value)
    expect([histogram.min, histogram.max]).toEqual([1, 12])
    expect(histogram.recent).toHaveLength(10)
    expect(histogram.recent.at(0)).toEqual({ value: 3, at: 103 })
  })

  test('can be merged from several', () => {
    const [one, other] = [new Histogram([1, 2]), new Histogram([1, 2])]
    for (const value of [0.5, 3]) one.observe(value, value)
    for (const value of [1.5, 2.5]) other.observe(value, value)
    const merged = Histogram.merged([one, other])
    expect([merged.cumulative(), merged.sum, merged.min, merged.max]).toEqual([[1, 2, 4], 7.5, 0.5, 3])
    expect(merged.recent.map(({ value }) => value)).toEqual([0.5, 1.5, 2.5, 3])
    expect(Histogram.merged([]).cumulative()).toEqual([0])
  })

  test('estimates quantiles to within a bucket', () => {
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

  test('that is a little late has not stalled', () => {
    const { loop, stalls, turnAfter } = watched()
    for (const ms of [250, 260, 900, 1_200]) turnAfter(ms)
    expect(loop.isStalled).toBe(false)
    expect(stalls).toEqual([])
  })

  test('that stalled says so for three seconds afterwards', () => {
    const { loop, stalls, turnAfter } = watched()
    turnAfter(2_250)
    expect(stalls).toEqual([2_000])
    expect(loop.stalls).toBe(1)
    for (let turns = 0; turns < 11; turns += 1) turnAfter(250)
    expect(loop.isStalled).toBe(true)
    turnAfter(250)
    expect(loop.isStalled).toBe(false)
  })

  test('that has not turned yet is known to be stalled before it turns', () => {
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
    ownCpuSeconds: 0,
    disk: null,
  }
  const INTERVAL_MS = 30_000

  function watched() {
    const clock = new SimulatedClock()
    const telemetry = new Telemetry({ now: () => clock.now(), date: () => clock.now() })
    const alerts = new Alerts(clock)
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
      alerts,
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
    /** A measurement comes in the turn after. */
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    /** Advances by one interval; `found` is what is measured then. */
    const next = async (found: Partial<Resources> = {}) => {
      await turn()
      resources = { ...resources, ...found }
      clock.increment(INTERVAL_MS)
      await turn()
    }
    return { clock, telemetry, alerts, health, next, fail, log: () => log, measured: () => measured }
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

  test('is measured again after a failed measurement, which is logged', async () => {
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

  test('takes CPU as the time used out of what the container allows', async () => {
    const { health, next } = watched()
    expect((await health.latest()).cpuUsage).toBeNull()
    await next({ cpuUsedSeconds: 12 })
    expect((await health.latest()).cpuUsage).toBeCloseTo(0.8)
    await next({ cpuUsedSeconds: 26.9 })
    expect(health.levels.cpu_usage).toBe('warning')
  })

  test('has one alert and one log line for each failed check, and for its end', async () => {
    const { alerts, next, log } = watched()
    for (const memoryUsedBytes of [910, 890, 920, 960, 930, 700]) await next({ memoryUsedBytes })
    expect(alerts.recent.map(({ level, message, tags }) => [level, message, tags])).toEqual([
      ['WARNING', 'memory_usage is 0.910, at or above 0.9', { check: 'memory_usage', value: '0.910' }],
      ['CRITICAL', 'memory_usage is 0.960, at or above 0.95', { check: 'memory_usage', value: '0.960' }],
      ['RESOLVED', 'memory_usage is 0.700, well below 0.9', { check: 'memory_usage', value: '0.700' }],
    ])
    const lines = [...linesOf(log(), 'health check failed'), ...linesOf(log(), 'health check recovered')]
    expect(lines.map(({ level, check, value }) => [level, check, value])).toEqual([
      ['warn', 'memory_usage', 0.91],
      ['error', 'memory_usage', 0.96],
      ['info', 'memory_usage', 0.7],
    ])
  })

  test('counts as errors only the server’s own faults among the requests of the window', async () => {
    const { health, telemetry, next } = watched()
    const requests = (status: number, times: number, ms = 1) => {
      for (let done = 0; done < times; done += 1)
        telemetry.requestEnded({ endpoint: '/', method: 'GET' }, status, ms)
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
    requests(200, 90, 800)
    requests(200, 10, 1_800)
    await next()
    expect(health.levels.response_time).toBe('warning')
  })

  test('is measured once when many ask at once', async () => {
    const { health, clock, measured } = watched()
    await Promise.all([health.check(), health.latest(), health.check()])
    await health.check()
    expect(measured()).toBe(1)
    clock.increment(1_000)
    await health.check()
    expect(measured()).toBe(2)
  })
})
