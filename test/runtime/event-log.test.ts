import fc from 'fast-check'
import { EventLog, jsonOf } from '../../src/runtime/event-log.js'
import { eventFrame } from '../../src/wire/sse-frame.js'

const KIB = 1_024

/** @param bytes - the size of its JSON */
const event = (version: number, bytes = 1) => ({
  version,
  frame: Buffer.from(eventFrame(version, '7'.repeat(bytes))),
})

/** A log that holds the events up to a version. */
function logOf(size: number, last: number, start = 0): EventLog {
  const log = new EventLog(size, start)
  for (let version = start + 1; version <= last; version += 1) log.append(event(version))
  return log
}

describe('the event log', () => {
  test('returns everything after a version that it still has, and null otherwise', () => {
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

  test('a log that starts at a version knows nothing before it', () => {
    const log = logOf(16, 7, 5)
    expect(log.since(4)).toBeNull()
    expect(log.since(5)).toHaveLength(2)
  })

  test.each([Number.NaN, 1.5, Number.POSITIVE_INFINITY])('%d is not a version', (after) => {
    expect(logOf(16, 3).since(after)).toBeNull()
  })

  test('refuses an event that is not the next', () => {
    expect(() => logOf(4, 3).append(event(5))).toThrow('cannot follow')
    expect(() => logOf(4, 3).append(event(3))).toThrow('cannot follow')
  })

  test('readers at the same cursor share their bytes until something new comes', () => {
    const log = logOf(16, 3)
    const [frames, list] = [log.framesSince(1), log.listSince(1)]
    expect(frames?.bytes.toString()).toBe('id: 2\ndata: 7\n\nid: 3\ndata: 7\n\n')
    expect(list?.bytes.toString()).toBe('7,7')
    expect([log.framesSince(1), log.listSince(1)]).toEqual([frames, list])
    expect(log.framesSince(1)?.bytes).toBe(frames?.bytes)
    expect(log.listSince(1)?.bytes).toBe(list?.bytes)
    log.append(event(4))
    expect([log.framesSince(1)?.upTo, log.listSince(1)?.upTo]).toEqual([4, 4])
  })

  test('a single event goes out in the bytes it is stored in', () => {
    const log = logOf(16, 3)
    expect(log.framesSince(2)?.bytes).toBe(log.since(2)?.[0]?.frame)
  })

  test('holds little more than its frames, whatever else makes buffers', () => {
    const [busy, quiet] = [new EventLog(256), new EventLog(256)]
    for (let count = 1; count <= 2_000; count += 1) {
      busy.append(event(busy.last + 1, count === 1_900 ? 10 * KIB : 400))
      if (count % 50 === 0) quiet.append(event(quiet.last + 1, 400))
    }
    for (const log of [busy, quiet]) {
      const frames = (log.since(Math.max(0, log.last - 256)) ?? []).map(({ frame }) => frame)
      const kept = frames.reduce((sum, { length }) => sum + length, 0)
      const held = [...new Set(frames.map(({ buffer }) => buffer))]
      const heldBytes = held.reduce((sum, { byteLength }) => sum + byteLength, 0)
      // For each, one block that is not full or has lost its first frames; others waste less than a frame.
      expect(heldBytes).toBeLessThan(1.12 * kept + 2 * 4_096)
    }
  })

  test('keeps a mebibyte, however many events that is', () => {
    const log = new EventLog(65_536)
    for (let version = 1; version <= 2_000; version += 1) log.append(event(version, KIB))
    const oldest = Array.from({ length: 2_000 }, (_, after) => after).find((after) => log.covers(after)) ?? 0
    const kept = log.since(oldest) ?? []
    const bytes = kept.reduce((sum, { frame }) => sum + frame.length, 0)
    expect(bytes).toBeLessThanOrEqual(KIB * KIB)
    expect(bytes).toBeGreaterThan(KIB * KIB - 2 * KIB)
    expect(kept.at(-1)?.version).toBe(2_000)
  })

  test('keeps the newest event whatever its size', () => {
    const log = logOf(16, 3)
    log.append(event(4, 2 * KIB * KIB))
    expect([log.covers(3), log.covers(2)]).toEqual([true, false])
    expect(log.listSince(3)?.bytes).toHaveLength(2 * KIB * KIB)
    log.append(event(5))
    expect([log.covers(4), log.covers(3)]).toEqual([true, false])
  })

  test('gives nobody more at a time than may be kept in memory for a reader that takes nothing', () => {
    const log = new EventLog(65_536)
    for (let version = 1; version <= 900; version += 1) log.append(event(version, KIB))
    for (const [read, bytesMax] of [
      [(after: number) => log.framesSince(after), 64 * KIB],
      [(after: number) => log.listSince(after), 256 * KIB - 128],
    ] as const) {
      let [cursor, batches] = [0, 0]
      for (let batch = read(cursor); cursor < log.last && batch !== null; batch = read(cursor)) {
        expect(batch.bytes.length).toBeLessThanOrEqual(bytesMax)
        cursor = batch.upTo
        batches += 1
      }
      expect(cursor).toBe(900)
      expect(batches).toBe(Math.ceil((900 * 1_050) / bytesMax))
    }
    expect(jsonOf(event(1, 3)).toString()).toBe('777')
  })
})
