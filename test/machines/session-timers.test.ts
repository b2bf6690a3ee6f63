import { createActor } from 'xstate'
import { sessionMachine, statusOf } from '../../machines/session/machine.js'
import { ADA, BOB, Chart, CYD, chartIn, MINUTE_MS, SETTINGS } from '../support/chart.js'
import { SimulatedClock } from '../support/simulated-clock.js'

/** One millisecond before: not yet; at the time: yes. */
function atExactly(chart: Chart, ms: number): string[] {
  chart.newEvents()
  chart.wait(ms - 1)
  expect(chart.newEvents()).toEqual([])
  chart.wait(1)
  return chart.newEvents()
}

describe('timers fire to the millisecond', () => {
  test('revealing lasts REVEAL_SECONDS', () => {
    const chart = chartIn('revealing')
    expect(atExactly(chart, SETTINGS.revealMs)).toEqual(['round_completed'])
    expect(chart.status).toBe('results')
  })

  test('the grace period warns, then hands over to the online participant who joined first', () => {
    const chart = new Chart().join(BOB, CYD).send({ type: 'presence.lost', userId: BOB }).wait(MINUTE_MS)
    chart.send({ type: 'presence.lost', userId: ADA })
    expect(chart.status).toBe('grace_period')
    expect(atExactly(chart, SETTINGS.graceMs - SETTINGS.graceWarningMs)).toEqual(['grace_period_warning'])
    expect(atExactly(chart, SETTINGS.graceWarningMs)).toEqual(['scrum_master_changed', 'grace_period_ended'])
    expect(chart.context).toMatchObject({ scrumMasterId: CYD, previousScrumMasterId: ADA, grace: null })
    expect(chart.status).toBe('waiting')
  })

  test('with nobody online the grace period ends in a pause, and the first to come back leads', () => {
    const chart = new Chart().join(BOB).send({ type: 'presence.lost', userId: BOB }).wait(MINUTE_MS)
    chart.send({ type: 'presence.lost', userId: ADA }).wait(SETTINGS.graceMs - SETTINGS.graceWarningMs)
    expect(atExactly(chart, SETTINGS.graceWarningMs)).toEqual(['grace_period_ended', 'session_paused'])
    expect(chart.status).toBe('paused')
    chart.send({ type: 'presence.restored', userId: BOB })
    expect(chart.newEvents()).toEqual(['user_joined', 'scrum_master_changed', 'session_resumed'])
    expect(chart.context.scrumMasterId).toBe(BOB)
  })

  test('a grace warning as long as the grace period is none', () => {
    const chart = chartIn('voting', { graceWarningMs: SETTINGS.graceMs }).send({
      type: 'presence.lost',
      userId: ADA,
    })
    expect(atExactly(chart, SETTINGS.graceMs)).toEqual(['scrum_master_changed', 'grace_period_ended'])
  })

  test('who comes back within the grace period stops its timers', () => {
    const chart = chartIn('grace_period').wait(SETTINGS.graceMs - 1)
    chart.send({ type: 'presence.restored', userId: ADA })
    chart.newEvents()
    expect(chart.wait(MINUTE_MS).newEvents()).toEqual([])
    expect(chart.context.scrumMasterId).toBe(ADA)
  })

  test('an idle session warns and ends', () => {
    const chart = new Chart()
    expect(atExactly(chart, SETTINGS.idleMs - SETTINGS.idleWarningMs)).toEqual(['session_expiring'])
    expect(atExactly(chart, SETTINGS.idleWarningMs)).toEqual(['session_expired'])
    expect(chart.context.endReason).toBe('timeout')
    expect(chart.status).toBe('ended')
  })

  test.each([1, SETTINGS.idleMs - SETTINGS.idleWarningMs - 1, SETTINGS.idleMs - 1])(
    'a command after %d ms restarts the idle time in full',
    (ms) => {
      const chart = new Chart().wait(ms).join(BOB)
      expect(atExactly(chart, SETTINGS.idleMs - SETTINGS.idleWarningMs)).toEqual(['session_expiring'])
      expect(atExactly(chart, SETTINGS.idleWarningMs)).toEqual(['session_expired'])
    },
  )

  test('an idle warning as long as the idle time is none', () => {
    const chart = new Chart({ idleWarningMs: SETTINGS.idleMs }).wait(MINUTE_MS).join(BOB)
    expect(atExactly(chart, SETTINGS.idleMs)).toEqual(['session_expired'])
  })

  test('what the server notices by itself does not restart the idle time', () => {
    const chart = new Chart().join(BOB).wait(MINUTE_MS).send({ type: 'presence.lost', userId: BOB })
    expect(atExactly(chart, SETTINGS.idleMs - SETTINGS.idleWarningMs - MINUTE_MS)).toEqual([
      'session_expiring',
    ])
  })

  test.each(['paused', 'grace_period'] as const)('the idle timeout runs while %s', (status) => {
    const chart = chartIn(status, { graceMs: 60 * MINUTE_MS })
    chart.wait(SETTINGS.idleMs - 1)
    expect(chart.status).toBe(status)
    expect(chart.wait(1).status).toBe('ended')
  })
})

describe('a restored session', () => {
  test.each([
    ['revealing', 1_000, SETTINGS.revealMs - 1_000, ['round_completed']],
    [
      'grace_period',
      MINUTE_MS,
      SETTINGS.graceMs - SETTINGS.graceWarningMs - MINUTE_MS,
      ['grace_period_warning'],
    ],
    ['waiting', MINUTE_MS, SETTINGS.idleMs - SETTINGS.idleWarningMs - MINUTE_MS, ['session_expiring']],
  ] as const)('in %s has what is left of its timers after timers.rearm', (status, passed, left, events) => {
    const original = chartIn(status).wait(passed)
    const persisted = JSON.parse(JSON.stringify(original.actor.getPersistedSnapshot()))
    const clock = new SimulatedClock(original.clock.now())
    const actor = createActor(sessionMachine, { clock, snapshot: persisted, input: persisted.input }).start()
    const versionBefore = actor.getSnapshot().context.version
    actor.send({ type: 'timers.rearm', at: clock.now() })
    clock.increment(left - 1)
    expect(actor.getSnapshot().context.version).toBe(versionBefore)
    clock.increment(1)
    expect(actor.getSnapshot().context.events.map((event) => event.type)).toEqual(events)
  })

  test('finds its way back to the phase before the grace period', () => {
    const original = chartIn('paused').send({ type: 'presence.lost', userId: ADA })
    const persisted = JSON.parse(JSON.stringify(original.actor.getPersistedSnapshot()))
    const actor = createActor(sessionMachine, { snapshot: persisted, input: persisted.input }).start()
    actor.send({ type: 'presence.restored', userId: ADA, at: 1 })
    expect(statusOf(actor.getSnapshot())).toBe('paused')
    actor.send({ type: 'session.resume', by: ADA, at: 2 })
    expect(statusOf(actor.getSnapshot())).toBe('voting')
    actor.stop()
  })
})
