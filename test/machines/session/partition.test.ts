import type { UserId } from '../../../machines/ids.js'
import {
  giveUpPartition,
  PARTITION_WINDOW_MS,
  partitionDeadline,
} from '../../../machines/session/partition.js'
import { ADA, BOB, Chart, CYD, lost, MINUTE_MS, returned, SETTINGS } from '../../support/chart.js'
import { eventsOf } from '../../support/table.js'

const [DEE, ELI] = ['dee', 'eli'] as const
const people = (...names: readonly string[]) => new Chart().join(...names.map((name) => name as UserId))

/** What has been announced about cuts since the last call. */
const told = (chart: Chart) => eventsOf(chart).filter(({ type }) => type === 'network_partition_detected')

/** Ada, Bob, Cyd and Dee; Bob and Cyd were cut off after a minute. */
function cut(): Chart {
  const chart = people(BOB, CYD, DEE).wait(MINUTE_MS).send(lost(BOB), lost(CYD))
  expect(told(chart)).toMatchObject([{ detectedAt: MINUTE_MS, endedAt: null, affected: [BOB, CYD] }])
  return chart
}

describe('a cut of the network', () => {
  test('is announced with when it was seen and whom it affects, and when it is over', () => {
    const chart = cut().wait(1_000).send(returned(CYD))
    expect(told(chart)).toEqual([])
    chart.wait(1_000).send(returned(BOB))
    expect(told(chart)).toMatchObject([
      { detectedAt: MINUTE_MS, endedAt: MINUTE_MS + 2_000, affected: [BOB, CYD] },
    ])
  })

  test('takes in anybody who drops within five seconds of it, without announcing another', () => {
    const chart = cut()
      .wait(PARTITION_WINDOW_MS)
      .send(lost(DEE as UserId))
    expect(told(chart)).toEqual([])
    expect(chart.context.partition).toMatchObject({
      detectedAt: MINUTE_MS,
      affected: [BOB, CYD, DEE],
      missing: [BOB, CYD, DEE],
    })
  })

  test('lists somebody who drops twice within it once', () => {
    const chart = cut().send(returned(BOB)).wait(1_000).send(lost(BOB))
    expect(chart.context.partition).toMatchObject({ affected: [CYD, BOB], missing: [CYD, BOB] })
  })

  test('and the next one list everybody still missing from the first once', () => {
    const chart = cut()
      .wait(PARTITION_WINDOW_MS)
      .send(lost(DEE as UserId))
      .wait(1)
      .send(lost(ADA))
    expect(told(chart)).toMatchObject([{ endedAt: null, affected: [BOB, CYD, DEE, ADA] }])
    expect(chart.context.partition?.missing).toEqual([BOB, CYD, DEE, ADA])
  })

  test('is none if one was back before the other dropped', () => {
    const chart = people(BOB, CYD).send(lost(BOB), returned(BOB), lost(CYD))
    expect(told(chart)).toEqual([])
  })

  test('also counts those who dropped before somebody came back', () => {
    const chart = people(BOB, CYD, DEE, ELI).send(lost(BOB), lost(CYD), returned(BOB))
    chart.send(lost(DEE as UserId), lost(ELI as UserId))
    expect(told(chart)).toMatchObject([{ affected: [CYD, DEE, ELI] }])
  })

  test('is given up, and announced as over, at the end of the grace period', () => {
    const chart = cut().wait(MINUTE_MS).send(returned(BOB)).wait(SETTINGS.graceMs)
    const end = MINUTE_MS + SETTINGS.graceMs
    expect(told(chart)).toMatchObject([
      { at: end, detectedAt: MINUTE_MS, endedAt: end, affected: [BOB, CYD] },
    ])
  })

  test('has no deadline if there is none, and there is nothing to give up', () => {
    const { context } = people(BOB)
    expect(partitionDeadline(context)).toBeNull()
    expect(giveUpPartition(context)).toBe(context)
  })
})
