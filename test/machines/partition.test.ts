import type { UserId } from '../../machines/ids.js'
import { PARTITION_WINDOW_MS } from '../../machines/session/partition.js'
import { ADA, BOB, Chart, CYD } from '../support/chart.js'

const DEE = 'dee' as UserId

const lose = (userId: UserId) => ({ type: 'presence.lost', userId }) as const
const restore = (userId: UserId) => ({ type: 'presence.restored', userId }) as const

/** Ada, Bob, Cyd and Dee at a table. */
const table = () => new Chart().join(BOB, CYD, DEE)

const partitions = (chart: Chart) =>
  chart.newEvents().filter((type) => type === 'network_partition_detected').length

describe('a network partition (contract section 6)', () => {
  test.each([
    [PARTITION_WINDOW_MS, 1],
    [PARTITION_WINDOW_MS + 1, 0],
  ])('two of four who drop %d ms apart: %d', (ms, expected) => {
    const chart = table().send(lose(BOB)).wait(ms)
    chart.newEvents()
    expect(partitions(chart.send(lose(CYD)))).toBe(expected)
  })

  test('one drop is none, even of half the table', () => {
    const chart = new Chart().join(BOB)
    chart.newEvents()
    expect(partitions(chart.send(lose(BOB)))).toBe(0)
  })

  test('fewer than half of those who were online is none', () => {
    const chart = table()
      .join('eli' as UserId)
      .send(lose(BOB))
    chart.newEvents()
    expect(partitions(chart.send(lose(CYD)))).toBe(0)
  })

  test('who leaves has not dropped', () => {
    const chart = table().send({ type: 'participant.leave', by: BOB })
    chart.newEvents()
    expect(partitions(chart.send(lose(CYD)))).toBe(0)
  })

  test('is over when each of those cut off is back or has left, late ones included', () => {
    const chart = table().send(lose(BOB), lose(CYD))
    expect(chart.context.partition).toMatchObject({ affected: [BOB, CYD], missing: [BOB, CYD] })
    chart.send(lose(DEE), restore(BOB), { type: 'participant.leave', by: CYD })
    expect(chart.context.partition).toMatchObject({ affected: [BOB, CYD, DEE], missing: [DEE] })
    chart.newEvents()
    expect(partitions(chart.send(restore(DEE)))).toBe(1)
    expect(chart.context.partition).toBeNull()
    expect(chart.context.events.at(-1)).toMatchObject({ recovered: true, affected: [BOB, CYD, DEE] })
  })

  test('who was cut off cannot take part before coming back; the others can', () => {
    const chart = table().send({ type: 'round.start', by: ADA, roundId: 'r' as never }, lose(BOB), lose(CYD))
    const vote = (by: UserId) => chart.send({ type: 'vote.cast', by, value: '3' }).context.round?.votes.length
    expect(vote(BOB)).toBe(0)
    expect(vote(DEE)).toBe(1)
    chart.send(restore(BOB))
    expect(vote(BOB)).toBe(2)
  })
})
