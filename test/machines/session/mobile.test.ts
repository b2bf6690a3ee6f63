import { mobileProfile } from '../../../machines/session/mobile.js'
import { ADA, BOB } from '../../support/chart.js'
import { eventsOf, tableOf } from '../../support/table.js'

const HEARTBEAT_SECONDS = 30

const profileOf = (batteryPercent: number | null, networkType: string | null = null) =>
  mobileProfile(BOB, { batteryPercent, networkType }, HEARTBEAT_SECONDS)

describe('a phone is served as its battery and its network require (contract section 5, "Mobile")', () => {
  test.each([
    [100, 30, false, false],
    [51, 30, false, false],
    [50, 60, false, false],
    [30, 60, false, false],
    [29, 60, true, false],
    [20, 60, true, false],
    [19, 60, true, true],
    [0, 60, true, true],
    // It did not say: only heartbeats are saved.
    [null, 60, false, false],
  ])(
    'at %j %%: a heartbeat every %d s, batches %j, fewer animations %j',
    (battery, seconds, batches, fewer) => {
      expect(profileOf(battery)).toEqual({
        userId: BOB,
        heartbeatSeconds: seconds,
        batchesEvents: batches,
        reducesAnimations: fewer,
        adaptsToNetwork: false,
      })
    },
  )

  test.each([
    ['2g', true],
    ['slow-2g', true],
    ['3g', false],
    ['4g', false],
    ['', false],
    [null, false],
  ])('on %j it adapts: %j', (networkType, adapts) => {
    expect(profileOf(80, networkType).adaptsToNetwork).toBe(adapts)
  })

  test('and has one profile, the latest, until its owner leaves', () => {
    const optimize = (by: typeof ADA, batteryPercent: number) =>
      ({
        type: 'mobile.optimize',
        by,
        profile: mobileProfile(by, { batteryPercent, networkType: null }, HEARTBEAT_SECONDS),
      }) as const
    const chart = tableOf().send(optimize(BOB, 90), optimize(ADA, 80), optimize(BOB, 10))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'mobile_optimization_applied', userId: BOB },
      { type: 'mobile_optimization_applied', userId: ADA },
      { type: 'mobile_optimization_applied', userId: BOB },
    ])
    expect(chart.context.mobile).toMatchObject([
      { userId: ADA, heartbeatSeconds: 30 },
      { userId: BOB, reducesAnimations: true },
    ])
    chart.send({ type: 'participant.leave', by: BOB })
    expect(chart.context.mobile).toMatchObject([{ userId: ADA }])
  })
})
