import { createActor, createMachine } from 'xstate'
import { onCommand } from '../../../machines/session/actions.js'
import type { SessionCommand } from '../../../machines/session/commands.js'
import { createContext } from '../../../machines/session/context.js'
import { statusOf } from '../../../machines/session/machine.js'
import { DEFAULT_RULES } from '../../../machines/session/rules.js'
import { nextTimer, timersOf } from '../../../machines/session/timers.js'
import {
  ADA,
  BOB,
  Chart,
  chartIn,
  lost,
  NO_TIMERS,
  SESSION,
  SETTINGS,
  TOKEN_DIGEST,
} from '../../support/chart.js'

const INPUT = {
  id: SESSION,
  name: 'Sprint',
  creator: { id: ADA, name: 'Ada', avatar: 'fox' },
  tokenDigest: TOKEN_DIGEST,
  at: 5_000,
  settings: SETTINGS,
}

describe('a session just created', () => {
  test('has one participant, who leads it, and nothing else', () => {
    expect(createContext(INPUT)).toMatchObject({
      id: SESSION,
      name: 'Sprint',
      room: null,
      settings: SETTINGS,
      rules: DEFAULT_RULES,
      createdAt: 5_000,
      now: 5_000,
      lastActivityAt: 5_000,
      idleDeadline: 5_000 + SETTINGS.idleMs,
      idleWarnedFor: null,
      emptySince: null,
      participants: [{ id: ADA, name: 'Ada', avatar: 'fox', role: 'voter', joinedAt: 5_000 }],
      scrumMasterId: ADA,
      previousScrumMasterId: null,
      round: null,
      history: [],
      stories: [],
      storiesVersion: 0,
      roundTimers: {},
      heldAt: null,
      grace: null,
      heirs: [],
      drops: [],
      partition: null,
      mobile: [],
      seatCodes: [],
      nudges: [],
      revision: 0,
      version: 0,
      events: [],
      endReason: null,
    })
  })

  test('takes the rules that its team wants, and defaults for the others', () => {
    const { rules } = createContext({ ...INPUT, rules: { isListed: false } })
    expect(rules).toEqual({ ...DEFAULT_RULES, isListed: false })
    // One shared object for all sessions that ask for nothing.
    expect(createContext(INPUT).rules).toBe(DEFAULT_RULES)
  })
})

describe('the timers of a session', () => {
  const timers = (chart: Chart) => timersOf(chart.actor.getSnapshot())

  test('do not exist once it is over, or has failed', () => {
    expect(timers(chartIn('ended'))).toEqual([])
    const snapshot = chartIn('voting').actor.getSnapshot()
    expect(timersOf({ ...snapshot, status: 'error' })).toEqual([])
  })

  test('fire in the order of the chart where several are due at the same time', () => {
    const chart = new Chart({ lifeMs: SETTINGS.idleMs, graceMs: SETTINGS.idleMs }).join(BOB).send(lost(ADA))
    chart.send({ type: 'participant.reconnect', by: BOB, known: null })
    const waiting = timers(chart)
    const first = Math.min(...waiting.map(({ dueAt }) => dueAt))
    const together = waiting.filter(({ dueAt }) => dueAt === first)
    expect(together.length).toBeGreaterThan(1)
    expect(nextTimer(chart.actor.getSnapshot())).toEqual(together[0])
  })
})

describe('a faulty chart is not played', () => {
  /** The error that an actor of this chart fails with when sent this event. */
  function failureOf(machine: ReturnType<typeof createMachine>, event: { readonly type: string }): unknown {
    const actor = createActor(machine, { clock: NO_TIMERS })
    actor.subscribe({ error: () => {} })
    actor.start().send(event)
    return actor.getSnapshot().error
  }

  test('when it passes an update a command other than its own', () => {
    const update = onCommand('session.extend', (context) => context)
    const machine = createMachine({ on: { '*': { actions: Object(update) } } })
    const extend: SessionCommand = { type: 'session.extend', at: 0, by: ADA }
    expect(failureOf(machine, extend)).toBeUndefined()
    expect(failureOf(machine, { ...extend, type: 'session.pause' })).toEqual(
      new Error('an update for session.extend was given session.pause'),
    )
  })

  test('when it rests in a state without a status', () => {
    expect(() => statusOf({ tags: new Set() })).toThrow('the session rests in a state without a status')
  })

  test.each([1000, 'aMoment'])('when it waits for something that is no deadline: %p', (delay) => {
    const states = { one: { after: { [delay]: 'two' } }, two: {} }
    const machine = createMachine({ initial: 'one', states }, { delays: { aMoment: 5 } })
    const { context } = new Chart()
    const snapshot = { machine, value: 'one', context, status: 'active' }
    expect(() => timersOf(Object(snapshot))).toThrow(`the chart waits for ${delay}, which is no deadline`)
  })
})
