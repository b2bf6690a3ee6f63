import { RateWindows } from '../../src/http/middleware/rate-windows.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const START = 1_700_000_000_000

describe('rate windows', () => {
  test('a window begins with the first request and ends a minute later', () => {
    const clock = new SimulatedClock(START)
    const windows = new RateWindows(clock, 60_000)
    expect(windows.hit('a').hits).toBe(1)
    clock.increment(59_999)
    expect(windows.hit('a')).toEqual({ hits: 2, leftMs: 1 })
    expect(windows.hit('b').hits).toBe(1)
    clock.increment(1)
    expect(windows.hit('a').hits).toBe(1)
    expect(windows.hit('b').hits).toBe(2)
  })

  test('windows that are over are forgotten, and a flood of addresses has a limit', () => {
    const clock = new SimulatedClock(START)
    const windows = new RateWindows(clock, 60_000)
    for (let count = 0; count < 100_500; count += 1) windows.hit(`address ${count}`)
    expect(windows.size).toBe(100_000)
    expect(windows.hit('address 100499').hits).toBe(2)
    clock.increment(60_000)
    windows.hit('a')
    expect(windows.size).toBe(1)
  })

  test('what is taken back does not count', () => {
    const windows = new RateWindows(new SimulatedClock(START), 60_000)
    for (const _ of [1, 2, 3]) windows.takeBack('a')
    expect(windows.hit('a').hits).toBe(1)
    windows.takeBack('a')
    expect(windows.hit('a').hits).toBe(1)
  })

  test('a clock that was set back starts a new window', () => {
    let now = START
    const windows = new RateWindows({ now: () => now }, 60_000)
    windows.hit('a')
    windows.hit('a')
    now -= 3_600_000
    expect(windows.hit('a').hits).toBe(1)
  })
})
