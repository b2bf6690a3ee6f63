import fc from 'fast-check'
import { EventLog } from '../../src/runtime/event-log.js'

const event = (version: number) => ({ version, frame: Buffer.from(`id: ${version}\n\n`) })

/** A log that holds the events up to a version. */
function logOf(size: number, last: number, start = 0): EventLog {
  const log = new EventLog(size, start)
  for (let version = start + 1; version <= last; version += 1) log.append(event(version))
  return log
}

describe('the event log', () => {
  test('gives everything after a version that it still has, and null otherwise', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.nat(60),
        fc.integer({ min: -3, max: 70 }),
        (size, last, after) => {
          const missed = logOf(size, last).since(after)
          const isKept = after <= last && after >= Math.max(0, last - size)
          const expected = Array.from({ length: last - after }, (_, index) => after + index + 1)
          expect(missed?.map(({ version }) => version) ?? null).toEqual(isKept ? expected : null)
        },
      ),
    )
  })

  test('a log that begins at a version knows nothing before it', () => {
    const log = logOf(16, 7, 5)
    expect(log.since(4)).toBeNull()
    expect(log.since(5)).toHaveLength(2)
  })

  test.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])('%d is no version', (after) => {
    expect(logOf(16, 3).since(after)).toBeNull()
  })

  test('refuses an event that is not the next', () => {
    expect(() => logOf(4, 3).append(event(5))).toThrow('cannot follow')
    expect(() => logOf(4, 3).append(event(3))).toThrow('cannot follow')
  })

  test('readers at the same cursor share their bytes, until something new comes', () => {
    const log = logOf(16, 3)
    const batch = log.batchSince(1)
    expect(batch?.bytes.toString()).toBe('id: 2\n\nid: 3\n\n')
    expect(log.batchSince(1)).toBe(batch)
    log.append(event(4))
    expect(log.batchSince(1)?.upTo).toBe(4)
  })
})
