import { SteadyClock } from '../../src/platform/clock.js'

const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 0, 31, 9, 30)

/** A machine whose time of day can be set. */
class Machine {
  passed = 0
  set = 0
  readonly sources = { monotonic: () => 5_000 + this.passed, wall: () => START + this.passed + this.set }

  /** Lets time pass, with a look at the clock every second. */
  run(clock: SteadyClock, seconds: number): number {
    for (let second = 0; second < seconds; second += 1) {
      this.passed += 1_000
      clock.now()
    }
    return clock.now()
  }
}

describe('the clock', () => {
  test('is the time of day, in whole milliseconds', () => {
    const machine = new Machine()
    const clock = new SteadyClock({ sources: machine.sources })
    expect(clock.now()).toBe(START)
    machine.passed = 1.75
    expect(clock.now()).toBe(START + 1)
    expect(machine.run(clock, 3_600)).toBe(START + HOUR_MS + 1)
  })

  test.each([HOUR_MS, -HOUR_MS])('set by %d ms runs on steadily, at most 1 % off its pace', (ms) => {
    const machine = new Machine()
    const clock = new SteadyClock({ sources: machine.sources })
    machine.run(clock, 60)
    machine.set = ms
    const before = clock.now()
    const passed = machine.run(clock, 600) - before
    expect(Math.abs(passed - 600_000)).toBeLessThanOrEqual(6_000)
    expect(Math.sign(passed - 600_000)).toBe(Math.sign(ms))
  })

  test.each([500, -500])('%d ms off is right again within a minute, and never goes back', (ms) => {
    const machine = new Machine()
    const clock = new SteadyClock({ sources: machine.sources })
    machine.set = ms
    let newest = clock.now()
    for (let second = 0; second < 60; second += 1) {
      const next = machine.run(clock, 1)
      expect(next).toBeGreaterThanOrEqual(newest)
      newest = next
    }
    expect(newest).toBe(machine.sources.wall())
  })

  test('jumps to the time of day when nothing depends on it', () => {
    const machine = new Machine()
    let sessions = 1
    const clock = new SteadyClock({ sources: machine.sources, mayJump: () => sessions === 0 })
    machine.set = -HOUR_MS
    expect(machine.run(clock, 10) - START).toBeGreaterThan(9_000)
    sessions = 0
    expect(machine.run(clock, 1)).toBe(machine.sources.wall())
  })
})

describe('a timer', () => {
  const clock = new SteadyClock()

  test('that the process held up waits until what came in meanwhile has been heard', async () => {
    const heard: string[] = []
    const fired = new Promise<void>((resolve) => {
      clock.setTimeout(() => {
        heard.push('timer')
        resolve()
      }, 10)
    })
    standStill(400)
    // Stands for what the network has brought, which is read after the timers and answered later still.
    setImmediate(() => setImmediate(() => heard.push('network')))
    await fired
    expect(heard).toEqual(['network', 'timer'])
  })

  test('that was held up can still be cleared', async () => {
    let fired = 0
    const timer = clock.setTimeout(() => fired++, 10)
    standStill(400)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    clock.clearTimeout(timer)
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(fired).toBe(0)
  })

  test('that is on time does not wait', async () => {
    const took: number[] = []
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const startedAt = performance.now()
      await new Promise<void>((resolve) => clock.setTimeout(() => resolve(), 20))
      took.push(performance.now() - startedAt)
    }
    expect(Math.min(...took)).toBeLessThan(200)
  })
})

function standStill(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}
