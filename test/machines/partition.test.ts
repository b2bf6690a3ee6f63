import type { UserId } from '../../machines/ids.js'
import { isCutOff, PARTITION_WINDOW_MS } from '../../machines/session/partition.js'
import { ADA, BOB, Chart, CYD, lost, returned, SETTINGS } from '../support/chart.js'

const DEE = 'dee' as UserId

/** Ada, Bob, Cyd and Dee at a table. */
const table = () => new Chart().join(BOB, CYD, DEE)

const partitions = (chart: Chart) =>
  chart.newEvents().filter((type) => type === 'network_partition_detected').length

describe('a network partition (contract section 6)', () => {
  test.each([
    [PARTITION_WINDOW_MS, 1],
    [PARTITION_WINDOW_MS + 1, 0],
  ])('two of four who drop %d ms apart: %d', (ms, expected) => {
    const chart = table().send(lost(BOB)).wait(ms)
    chart.newEvents()
    expect(partitions(chart.send(lost(CYD)))).toBe(expected)
  })

  test('one drop is no partition, even of half the table', () => {
    const chart = new Chart().join(BOB)
    chart.newEvents()
    expect(partitions(chart.send(lost(BOB)))).toBe(0)
  })

  test('fewer than half of those online are no partition', () => {
    const chart = table()
      .join('eli' as UserId)
      .send(lost(BOB))
    chart.newEvents()
    expect(partitions(chart.send(lost(CYD)))).toBe(0)
  })

  test('leaving does not count as dropping', () => {
    const chart = table().send({ type: 'participant.leave', by: BOB })
    chart.newEvents()
    expect(partitions(chart.send(lost(CYD)))).toBe(0)
  })

  test('is over when all those cut off, late ones included, are back or have left', () => {
    const chart = table().send(lost(BOB), lost(CYD)).wait(PARTITION_WINDOW_MS)
    expect(chart.context.partition).toMatchObject({ affected: [BOB, CYD], missing: [BOB, CYD] })
    chart.send(lost(DEE), returned(BOB), { type: 'participant.leave', by: CYD })
    expect(chart.context.partition).toMatchObject({ affected: [BOB, CYD, DEE], missing: [DEE] })
    chart.newEvents()
    expect(partitions(chart.send(returned(DEE)))).toBe(1)
    expect(chart.context.partition).toBeNull()
    expect(chart.context.events.at(-1)).toMatchObject({
      endedAt: PARTITION_WINDOW_MS,
      affected: [BOB, CYD, DEE],
    })
  })

  test('does not include anybody who drops alone later', () => {
    const chart = table()
      .send(lost(BOB), lost(CYD))
      .wait(PARTITION_WINDOW_MS + 1)
      .send(lost(DEE))
    expect(chart.context.partition).toMatchObject({ affected: [BOB, CYD], missing: [BOB, CYD] })
    expect(partitions(chart.send(returned(BOB), returned(CYD)))).toBe(2)
    expect(chart.context.partition).toBeNull()
  })

  test('is given up after the grace period, and anybody who comes back then is like any other', () => {
    const chart = table().send(lost(BOB), lost(CYD))
    chart.wait(SETTINGS.graceMs - 1).newEvents()
    expect(partitions(chart.wait(1))).toBe(1)
    expect(chart.context.partition).toBeNull()
    expect(isCutOff(chart.context, BOB)).toBe(false)
  })

  test('another cut takes over those who are still missing', () => {
    const chart = table()
      .send(lost(BOB), lost(CYD))
      .wait(2 * PARTITION_WINDOW_MS)
      .send(returned(BOB))
    chart.newEvents()
    expect(partitions(chart.send(lost(DEE), lost(BOB)))).toBe(1)
    expect(chart.context.partition).toMatchObject({ affected: [CYD, DEE, BOB], missing: [CYD, DEE, BOB] })
  })

  test('never names more people than there are seats, whoever leaves and joins meanwhile', () => {
    const chart = table().send(lost(BOB), lost(CYD))
    for (let n = 0; n < 100; n += 1) {
      const id = `guest ${n}` as UserId
      chart.join(id).send(lost(id), { type: 'participant.leave', by: id })
    }
    expect(chart.context.partition?.affected.length).toBeLessThanOrEqual(SETTINGS.participantsMax)
  })

  test('those cut off cannot take part before coming back; the others can', () => {
    const chart = table().send({ type: 'round.start', by: ADA, roundId: 'r' as never }, lost(BOB), lost(CYD))
    const vote = (by: UserId) => chart.send({ type: 'vote.cast', by, value: '3' }).context.round?.votes.length
    expect(vote(BOB)).toBe(0)
    expect(vote(DEE)).toBe(1)
    chart.send(returned(BOB))
    expect(vote(BOB)).toBe(2)
  })
})
