import { RateWindows } from '../../src/http/middleware/rate-windows.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const START = 1_700_000_000_000

describe('rate windows', () => {
  test('a window begins with the first request and ends a minute later', () => {
    const clock = new SimulatedClock(START)
    const windows = new RateWindows(clock, 60_000)
    expect(windows.increment('a').totalHits).toBe(1)
    clock.increment(59_999)
    const { totalHits, resetTime } = windows.increment('a')
    expect(totalHits).toBe(2)
    expect(Number(resetTime) - Date.now()).toBeLessThanOrEqual(1)
    expect(windows.increment('b').totalHits).toBe(1)
    clock.increment(1)
    expect(windows.increment('a').totalHits).toBe(1)
    expect(windows.increment('b').totalHits).toBe(2)
  })

  test('what is over is forgotten, and a flood of addresses has a limit', () => {
    const clock = new SimulatedClock(START)
    const windows = new RateWindows(clock, 60_000)
    for (let count = 0; count < 100_500; count += 1) windows.increment(`address ${count}`)
    expect(windows.size).toBe(100_000)
    expect(windows.increment('address 100499').totalHits).toBe(2)
    clock.increment(60_000)
    windows.increment('a')
    expect(windows.size).toBe(1)
  })

  test('a clock that was set back starts a new window', () => {
    let now = START
    const windows = new RateWindows({ now: () => now }, 60_000)
    windows.increment('a')
    windows.increment('a')
    now -= 3_600_000
    expect(windows.increment('a').totalHits).toBe(1)
  })
})
