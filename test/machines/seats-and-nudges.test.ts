import type { UserId } from '../../machines/ids.js'
import { nudgeWaitMs, withNudge } from '../../machines/session/nudges.js'
import {
  readSeatCode,
  SEAT_CODE_ALPHABET,
  type SeatCode,
  seatOwner,
  withoutSeatCode,
  withoutSeatCodesOf,
  withSeatCode,
} from '../../machines/session/seat-codes.js'

const [ADA, BOB] = ['ada', 'bob'] as unknown as [UserId, UserId]

describe('seat codes', () => {
  const given = () =>
    withSeatCode(withSeatCode([], { userId: ADA, digest: 'a' }, 0), { userId: BOB, digest: 'b' }, 0)

  test('are good for a minute, to the millisecond', () => {
    const codes = given()
    expect(seatOwner(codes, 'a', 59_999)).toBe(ADA)
    expect(seatOwner(codes, 'a', 60_000)).toBeNull()
    expect(seatOwner(codes, 'x', 0)).toBeNull()
  })

  test('are good only once', () => {
    const codes = given()
    expect(seatOwner(withoutSeatCode(codes, 'a'), 'a', 1)).toBeNull()
    expect(seatOwner(withoutSeatCode(codes, 'a'), 'b', 1)).toBe(BOB)
  })

  test('are gone with their owner', () => {
    const codes = given()
    expect(seatOwner(withoutSeatCodesOf(codes, ADA), 'a', 1)).toBeNull()
    expect(withoutSeatCodesOf(codes, 'nobody' as UserId)).toBe(codes)
  })

  test('are limited to one per person, and expired ones do not pile up', () => {
    const codes = given()
    const next = withSeatCode(codes, { userId: ADA, digest: 'c' }, 1)
    expect(next.map(({ digest }) => digest)).toEqual(['b', 'c'])
    let many: readonly SeatCode[] = []
    for (let at = 0; at < 1_000; at += 1) {
      many = withSeatCode(many, { userId: `user ${at}` as UserId, digest: String(at) }, at * 60_000)
    }
    expect(many).toHaveLength(1)
  })

  test('use only characters that nobody mistakes for others', () => {
    expect(SEAT_CODE_ALPHABET).not.toMatch(/[01258BDIOLQSUVZ]/)
    expect(new Set(SEAT_CODE_ALPHABET).size).toBe(SEAT_CODE_ALPHABET.length)
    expect(readSeatCode(' 7kxm - 4prt\n')).toBe('7KXM4PRT')
  })
})

describe('nudges', () => {
  test('reach a person at most every ten seconds', () => {
    const nudges = withNudge([], ADA, 1_000)
    expect([1_000, 10_999, 11_000].map((now) => nudgeWaitMs(nudges, ADA, now))).toEqual([10_000, 1, 0])
    expect(nudgeWaitMs(nudges, BOB, 1_000)).toBe(0)
  })

  test('hold up only further nudges of the same person, and are renewed', () => {
    const both = withNudge(withNudge([], ADA, 5_000), BOB, 14_999)
    expect([ADA, BOB].map((userId) => nudgeWaitMs(both, userId, 14_999))).toEqual([1, 10_000])
    expect(withNudge(both, BOB, 14_999)).toEqual(both)
  })

  test('that no longer hold anybody up are forgotten', () => {
    expect(withNudge(withNudge([], ADA, 0), BOB, 10_000)).toEqual([{ userId: BOB, at: 10_000 }])
    expect(withNudge(withNudge([], ADA, 0), ADA, 5_000)).toEqual([{ userId: ADA, at: 5_000 }])
  })
})
