import { DEADLINES, delayUntil } from '../../../machines/session/deadlines.js'
import { holdTimers, releaseTimers, timerLeftMs } from '../../../machines/session/round-timers.js'
import { ADA, chartIn, lost, SETTINGS } from '../../support/chart.js'
import { PAUSE, start, tableOf } from '../../support/table.js'

const ROUND_MS = 60_000
const timed = () => tableOf({ roundMs: ROUND_MS }).send(start()).wait(20_000)
const tick = { type: 'tick' } as const

describe('the time left of a round', () => {
  test('is null where it has no timer', () => {
    expect(timerLeftMs(tableOf().send(start()).context, 'voting')).toBeNull()
    expect(timerLeftMs(timed().context, 'revealing')).toBeNull()
  })

  test('decreases as time goes by, but never below zero', () => {
    const chart = timed().send(tick)
    expect(timerLeftMs(chart.context, 'voting')).toBe(40_000)
    expect(timerLeftMs(chart.wait(ROUND_MS).send(tick).context, 'voting')).toBe(0)
  })

  test('stays the same while the round stands still', () => {
    const chart = timed().send(PAUSE).wait(5_000).send(tick)
    expect(timerLeftMs(chart.context, 'voting')).toBe(40_000)
    const waiting = timed().send(lost(ADA)).wait(5_000).send(tick)
    expect(timerLeftMs(waiting.context, 'voting')).toBe(40_000)
  })
})

describe('timers that stand still', () => {
  test('continue with what was left of each; running ones are left alone', () => {
    const { context } = timed()
    expect(releaseTimers(context)).toBe(context)
    const later = { ...holdTimers(context), now: context.now + 5_000 }
    expect(releaseTimers(later)).toMatchObject({ heldAt: null, roundTimers: { voting: ROUND_MS + 5_000 } })
    expect(holdTimers(later).heldAt).toBe(context.now)
  })
})

describe('a delay, as the chart waits for it', () => {
  const delay = (name: keyof typeof DEADLINES, context = chartIn('grace_period').context) =>
    delayUntil(name)({ context })

  test('lasts until its deadline', () => {
    expect(delay('graceDeadline')).toBe(SETTINGS.graceMs)
    const later = chartIn('grace_period').wait(1_000).send(tick)
    expect(delay('graceDeadline', later.context)).toBe(SETTINGS.graceMs - 1_000)
  })

  test('is infinite where there is no deadline, and zero where it has passed', () => {
    expect(delay('partitionDeadline')).toBe(Number.POSITIVE_INFINITY)
    const { context } = chartIn('grace_period')
    expect(delay('graceDeadline', { ...context, now: 2 * SETTINGS.graceMs })).toBe(0)
  })

  test('does not exist where nothing is waited for', () => {
    const { context } = tableOf()
    const none = ['roundDeadline', 'revealDeadline', 'graceWarning', 'graceDeadline', 'lifeWarning'] as const
    expect(none.map((name) => DEADLINES[name](context))).toEqual(none.map(() => null))
  })
})
