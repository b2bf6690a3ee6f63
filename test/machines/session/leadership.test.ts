import type { UserId } from '../../../machines/ids.js'
import { passLeadership, withLeader } from '../../../machines/session/leadership.js'
import { isEverybodyIn, successorOf } from '../../../machines/session/succession.js'
import { ADA, BOB, Chart, CYD, chartIn, lost, MINUTE_MS, returned, SETTINGS } from '../../support/chart.js'
import { addStories, eventsOf, PAUSE, REVEAL, start, tableOf, vote } from '../../support/table.js'

const transfer = (to: UserId, by = ADA) => ({ type: 'leadership.transfer', by, to }) as const
const leave = (by: UserId) => ({ type: 'participant.leave', by }) as const
const kick = (userId: UserId) => ({ type: 'participant.kick', by: ADA, userId }) as const

/** Ada has dropped after some time; Bob and Cyd wait for her. */
function inGrace(): Chart {
  const chart = tableOf().wait(MINUTE_MS).send(lost(ADA))
  expect(chart.status).toBe('grace_period')
  return chart
}

describe('the Scrum Master', () => {
  test('names another, who leads from then on; naming themselves changes nothing', () => {
    const chart = tableOf().send(transfer(ADA))
    expect(eventsOf(chart)).toEqual([])
    expect(chart.context.previousScrumMasterId).toBeNull()
    chart.send(transfer(CYD))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'scrum_master_changed', previousId: ADA, scrumMasterId: CYD, reason: 'transferred' },
    ])
    expect(chart.context.scrumMasterId).toBe(CYD)
  })

  test('who leaves is followed by the online one who joined first', () => {
    const chart = tableOf().send(lost(BOB))
    chart.newEvents()
    chart.send(leave(ADA))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_left', userId: ADA, reason: 'left' },
      { type: 'scrum_master_changed', previousId: ADA, scrumMasterId: CYD, reason: 'left' },
    ])
  })

  test('who leaves when all others are away is followed by the first to join, who is waited for', () => {
    const chart = tableOf().send(lost(CYD)).wait(MINUTE_MS).send(lost(BOB))
    chart.newEvents()
    chart.send(leave(ADA))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_left' },
      { type: 'scrum_master_changed', scrumMasterId: BOB },
      { type: 'grace_period_started', scrumMasterId: BOB },
    ])
  })

  test('stays when somebody else leaves or is kicked', () => {
    const chart = tableOf().send(leave(BOB), kick(CYD))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_left', userId: BOB, reason: 'left' },
      { type: 'user_left', userId: CYD, reason: 'kicked' },
    ])
    expect(chart.context.scrumMasterId).toBe(ADA)
  })
})

describe('the grace period', () => {
  test('says whom it waits for, how long, and until when', () => {
    expect(eventsOf(inGrace())).toMatchObject([
      { type: 'user_disconnected', userId: ADA },
      {
        type: 'grace_period_started',
        scrumMasterId: ADA,
        graceMs: SETTINGS.graceMs,
        expiresAt: MINUTE_MS + SETTINGS.graceMs,
      },
    ])
    expect(inGrace().context.grace).toEqual({
      scrumMasterId: ADA,
      startedAt: MINUTE_MS,
      expiresAt: MINUTE_MS + SETTINGS.graceMs,
      isWarned: false,
    })
  })

  test('warns of its end with the time left, and then hands over, each at its own time', () => {
    const chart = inGrace()
    chart.newEvents()
    // Events that fell due during a long wait carry the times at which they were due.
    chart.wait(SETTINGS.graceMs)
    const expiresAt = MINUTE_MS + SETTINGS.graceMs
    expect(eventsOf(chart)).toMatchObject([
      {
        type: 'grace_period_warning',
        at: expiresAt - SETTINGS.graceWarningMs,
        remainingMs: SETTINGS.graceWarningMs,
      },
      {
        type: 'scrum_master_changed',
        at: expiresAt,
        previousId: ADA,
        scrumMasterId: BOB,
        reason: 'grace_period_expired',
      },
      { type: 'grace_period_ended', at: expiresAt, reason: 'grace_period_expired', resumed: true },
    ])
  })

  test('ends in a pause with nobody present', () => {
    const chart = tableOf().send(lost(BOB)).wait(MINUTE_MS).send(lost(CYD)).wait(MINUTE_MS).send(lost(ADA))
    chart.wait(SETTINGS.graceMs - 1).newEvents()
    chart.wait(1)
    const at = 2 * MINUTE_MS + SETTINGS.graceMs
    expect(eventsOf(chart)).toMatchObject([
      { type: 'grace_period_ended', at, reason: 'grace_period_expired', resumed: false },
      { type: 'session_paused', at, reason: 'grace_period_expired' },
    ])
    expect(chart.context.heirs).toEqual([ADA, BOB, CYD])
  })

  test.each([
    ['they are back', returned(ADA), 'scrum_master_returned'],
    ['they hand over', transfer(BOB), 'scrum_master_changed'],
    ['they leave', leave(ADA), 'scrum_master_changed'],
  ] as const)('ends when %s', (_what, command, reason) => {
    const chart = inGrace()
    chart.newEvents()
    chart.send(command)
    expect(eventsOf(chart).at(-1)).toMatchObject({ type: 'grace_period_ended', reason, resumed: true })
    expect(chart.status).toBe('waiting')
  })

  test('ends when nobody is left waiting', () => {
    const chart = inGrace().send(leave(BOB))
    expect(chart.status).toBe('grace_period')
    chart.newEvents()
    chart.send(leave(CYD))
    expect(eventsOf(chart).at(-1)).toMatchObject({ reason: 'nobody_waiting', resumed: true })
    expect(chart.context.previousScrumMasterId).toBeNull()
  })
})

describe('an abandoned session', () => {
  test('is led by the first of its people to come back, and goes on', () => {
    const chart = chartIn('abandoned').send(returned(BOB))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_joined', userId: BOB, reconnected: true },
      { type: 'scrum_master_changed', previousId: ADA, scrumMasterId: BOB, reason: 'returned' },
      { type: 'session_resumed' },
    ])
    expect(chart.context.heirs).toEqual([])
  })

  test('waits for them, whoever joins or leaves meanwhile', () => {
    const chart = chartIn('abandoned').join(CYD)
    expect(chart.status).toBe('paused')
    chart.send(leave(BOB))
    expect(chart.context.heirs).toEqual([ADA])
    expect(chart.status).toBe('paused')
    expect(chart.send(returned(ADA)).status).toBe('voting')
  })
})

describe('whether everybody has voted', () => {
  const RULES = { revealsItself: true }

  test('depends on the voters who are present, and on nobody else', () => {
    const observer = { type: 'role.change', by: CYD, userId: CYD, role: 'observer' } as const
    const watched = tableOf(RULES).send(observer, start(), vote(ADA))
    expect(watched.status).toBe('voting')
    expect(watched.send(vote(BOB)).status).toBe('results')
    const away = tableOf(RULES).send(lost(CYD), start(), vote(BOB))
    expect(away.status).toBe('voting')
    expect(away.send(vote(ADA)).status).toBe('results')
  })

  test('does not matter without auto-reveal, nor before the first card', () => {
    expect(tableOf().send(start(), vote(ADA), vote(BOB), vote(CYD)).status).toBe('voting')
    const alone = tableOf(RULES).send(leave(BOB), leave(CYD), start())
    expect(alone.status).toBe('voting')
    expect(alone.send(vote(ADA)).status).toBe('results')
  })
})

describe('whether everybody has voted, when nobody present is a voter,', () => {
  test('does not matter', () => {
    const observers = [ADA, BOB].map(
      (userId) => ({ type: 'role.change', by: ADA, userId, role: 'observer' }) as const,
    )
    const chart = tableOf({ revealsItself: true }).send(...observers, lost(CYD), start())
    expect(chart.status).toBe('voting')
    expect(isEverybodyIn({ ...chart.context, round: null })).toBe(false)
  })
})

describe('what belongs to a grace period alone', () => {
  test('is required to end one', () => {
    expect(() => passLeadership(tableOf().context)).toThrow('nobody is waited for')
  })

  test('includes no successor where there is nobody else', () => {
    const { context } = new Chart()
    expect(successorOf(context)).toBeUndefined()
    expect(withLeader(context, successorOf(context), 'left')).toBe(context)
  })
})

describe('an interruption', () => {
  test('by the Scrum Master is announced as such, and so is its end', () => {
    const chart = tableOf().send(start(), PAUSE, { type: 'session.resume', by: ADA })
    expect(eventsOf(chart)).toMatchObject([
      { type: 'voting_started' },
      { type: 'session_paused', reason: 'scrum_master' },
      { type: 'session_resumed' },
    ])
  })

  test('during a pause keeps a timer where the pause stopped it', () => {
    const chart = tableOf({ roundMs: 60_000 }).send(start()).wait(10_000).send(PAUSE).wait(1_000)
    chart.send(lost(ADA)).wait(1_000).send(returned(ADA), { type: 'session.resume', by: ADA })
    chart.newEvents()
    expect(chart.wait(49_999).newEvents()).toEqual([])
    expect(chart.wait(1).newEvents()).toEqual(['round_timer_ended'])
  })

  test('between rounds holds no timer', () => {
    const chart = tableOf().send(addStories(1), start(), REVEAL, PAUSE).wait(1_000)
    expect(chart.send({ type: 'session.resume', by: ADA }).status).toBe('results')
    expect(chart.context.heldAt).toBeNull()
  })
})
