import type { NodeId } from '../../machines/ids.js'
import { expiresAt } from '../../machines/session/lifecycle.js'
import { NODE_LOST_MS } from '../../machines/session/presence.js'
import { firedUntil, timersOf } from '../../machines/session/timers.js'
import { ADA, BOB, Chart, CYD, chartIn, lost, MINUTE_MS, NODE, returned, SETTINGS } from '../support/chart.js'

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
    const chart = new Chart().join(BOB, CYD).send(lost(BOB)).wait(MINUTE_MS)
    chart.send(lost(ADA))
    expect(chart.status).toBe('grace_period')
    expect(atExactly(chart, SETTINGS.graceMs - SETTINGS.graceWarningMs)).toEqual(['grace_period_warning'])
    expect(atExactly(chart, SETTINGS.graceWarningMs)).toEqual(['scrum_master_changed', 'grace_period_ended'])
    expect(chart.context).toMatchObject({ scrumMasterId: CYD, previousScrumMasterId: ADA, grace: null })
    expect(chart.status).toBe('waiting')
  })

  test('with nobody online the grace period ends in a pause, and the first to come back leads', () => {
    const chart = new Chart().join(BOB).send(lost(BOB)).wait(MINUTE_MS)
    chart.send(lost(ADA)).wait(SETTINGS.graceMs - SETTINGS.graceWarningMs)
    expect(atExactly(chart, SETTINGS.graceWarningMs)).toEqual(['grace_period_ended', 'session_paused'])
    expect(chart.status).toBe('paused')
    chart.send(returned(BOB))
    expect(chart.newEvents()).toEqual(['user_joined', 'scrum_master_changed', 'session_resumed'])
    expect(chart.context.scrumMasterId).toBe(BOB)
  })

  test('a grace warning as long as the grace period is not given', () => {
    const chart = chartIn('voting', { graceWarningMs: SETTINGS.graceMs }).send(lost(ADA))
    expect(atExactly(chart, SETTINGS.graceMs)).toEqual(['scrum_master_changed', 'grace_period_ended'])
  })

  test('a Scrum Master who is back within the grace period stops its timers', () => {
    const chart = chartIn('grace_period').wait(SETTINGS.graceMs - 1)
    chart.send(returned(ADA))
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

  test('an idle warning as long as the idle time is not given', () => {
    const chart = new Chart({ idleWarningMs: SETTINGS.idleMs }).wait(MINUTE_MS).join(BOB)
    expect(atExactly(chart, SETTINGS.idleMs)).toEqual(['session_expired'])
  })

  test('what the server notices by itself does not restart the idle time', () => {
    const chart = new Chart().join(BOB).wait(MINUTE_MS).send(lost(BOB))
    expect(atExactly(chart, SETTINGS.idleMs - SETTINGS.idleWarningMs - MINUTE_MS)).toEqual([
      'session_expiring',
    ])
  })

  test('a warning is given once per deadline, whatever the server notices meanwhile', () => {
    const chart = new Chart({ lifeMs: SETTINGS.idleMs + MINUTE_MS }).join(BOB)
    chart.wait(SETTINGS.idleMs - MINUTE_MS).send({ type: 'session.extend', by: BOB })
    expect(chart.newEvents().filter((type) => type === 'session_expiring')).toHaveLength(2)
    chart.send(lost(BOB), returned(BOB)).restored().wait(MINUTE_MS)
    expect(chart.newEvents()).toEqual(['user_disconnected', 'user_joined'])
    const waiting = chartIn('grace_period').wait(SETTINGS.graceMs - SETTINGS.graceWarningMs)
    expect(waiting.newEvents()).toEqual(['grace_period_warning'])
    expect(waiting.restored().wait(MINUTE_MS).newEvents()).toEqual([])
  })

  test('of several due at once, the innermost fires first, and an end before its warning', () => {
    const chart = chartIn('grace_period', {
      graceMs: SETTINGS.idleMs,
      graceWarningMs: SETTINGS.idleMs,
      idleWarningMs: 0,
    })
    expect(atExactly(chart, SETTINGS.idleMs)).toEqual([
      'scrum_master_changed',
      'grace_period_ended',
      'session_expired',
    ])
  })

  test.each(['paused', 'grace_period'] as const)('the idle timeout runs while %s', (status) => {
    const chart = chartIn(status, { graceMs: 60 * MINUTE_MS })
    chart.wait(SETTINGS.idleMs - 1)
    expect(chart.status).toBe(status)
    expect(chart.wait(1).status).toBe('ended')
  })
})

describe('a session has a life', () => {
  const LIFE_MS = 30 * MINUTE_MS

  test('that ends whatever happens in it, announced like an expiry', () => {
    const chart = new Chart({ lifeMs: LIFE_MS })
    for (let minute = 1; minute < 28; minute += 1)
      chart.wait(MINUTE_MS).send({ type: 'session.extend', by: ADA })
    chart.wait(MINUTE_MS - 1)
    expect(atExactly(chart, 1)).toEqual(['session_expiring'])
    expect(chart.context.events).toMatchObject([{ reason: 'life_over', expiresAt: LIFE_MS }])
    chart.send({ type: 'session.extend', by: ADA })
    expect(expiresAt(chart.context)).toBe(LIFE_MS)
    expect(atExactly(chart, SETTINGS.idleWarningMs)).toEqual(['session_expired'])
    expect(chart.context.endReason).toBe('life_over')
  })

  test('without a limit there is no such end', () => {
    const chart = new Chart({ idleMs: 365 * 24 * 60 * MINUTE_MS })
    expect(chart.wait(100 * LIFE_MS).status).toBe('waiting')
  })
})

describe('a restored session', () => {
  test.each(['revealing', 'grace_period', 'waiting', 'abandoned'] as const)(
    'in %s has the same timers as one that never stopped',
    (status) => {
      const chart = chartIn(status).wait(1_000)
      const timers = timersOf(chart.actor.getSnapshot())
      expect(timers.length).toBeGreaterThan(1)
      expect(timersOf(chart.restored().actor.getSnapshot())).toEqual(timers)
    },
  )

  test('finds its way back to the phase before the grace period', () => {
    const chart = chartIn('paused').send(lost(ADA)).restored().send(returned(ADA))
    expect(chart.status).toBe('paused')
    expect(chart.send({ type: 'session.resume', by: ADA }).status).toBe('voting')
  })
})

describe('the people of a node that is gone', () => {
  const lostNode = { type: 'node.lost', node: NODE } as const

  test('are away after 15 seconds, and nobody is told before then', () => {
    const chart = new Chart().join(BOB)
    chart.newEvents()
    chart.send(lostNode)
    expect(atExactly(chart, NODE_LOST_MS)).toEqual([
      'user_disconnected',
      'user_disconnected',
      'network_partition_detected',
      'grace_period_started',
    ])
  })

  test('who open a stream on another node within that time were never away', () => {
    const chart = new Chart().join(BOB)
    chart.newEvents()
    chart.send(lostNode).wait(NODE_LOST_MS - 1)
    for (const userId of [ADA, BOB]) {
      chart.send({ type: 'presence.streams', userId, node: 'next node' as NodeId, open: 1 })
    }
    expect(chart.wait(MINUTE_MS).newEvents()).toEqual([])
  })

  test('who have a stream on another node anyway, or were away, see no difference', () => {
    const chart = new Chart().join(BOB).send(lost(BOB))
    chart.send({ type: 'presence.streams', userId: ADA, node: 'other node' as NodeId, open: 1 })
    chart.newEvents()
    expect(chart.send(lostNode, lostNode).wait(MINUTE_MS).newEvents()).toEqual([])
    expect(chart.context.participants[0]?.streams).toEqual([{ node: 'other node', open: 1 }])
  })

  test('have just as long with a shorter lease from a heartbeat', () => {
    const chart = new Chart().send({ type: 'presence.heartbeat', userId: ADA, leaseMs: 10_000 })
    chart.newEvents()
    chart.send(lostNode)
    expect(atExactly(chart, NODE_LOST_MS)).toEqual(['user_disconnected'])
  })
})

describe('a tick fires what is due', () => {
  test.each([
    ['by its own time', 9_000, undefined, 9_000],
    ['by its own time, if the difference may be its time in transit', 9_000, 7_000, 9_000],
    ['by the measured time, where the log’s clock was set ahead', 9_000, 6_999, 6_999],
    ['by its own time, where that clock was set back', 9_000, 99_000, 9_000],
  ])('%s', (_what, at, upTo, until) => {
    expect(firedUntil(upTo === undefined ? { at } : { at, upTo })).toBe(until)
  })
})
