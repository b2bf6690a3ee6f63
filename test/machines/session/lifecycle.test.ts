import { expiresAt, lifeDeadline } from '../../../machines/session/lifecycle.js'
import { refusal } from '../../../machines/session/policy.js'
import { ADA, BOB, Chart, chartIn, lost, MINUTE_MS, SETTINGS } from '../../support/chart.js'
import { eventsOf, tableOf } from '../../support/table.js'

const HOUR_MS = 60 * MINUTE_MS

describe('the idle time', () => {
  test('is announced with its end and its reason, each event at its own time', () => {
    const chart = tableOf().wait(MINUTE_MS).send({ type: 'session.extend', by: BOB }).wait(HOUR_MS)
    const end = MINUTE_MS + SETTINGS.idleMs
    expect(eventsOf(chart)).toMatchObject([
      { type: 'session_updated', at: MINUTE_MS, reason: 'extended' },
      { type: 'session_expiring', at: end - SETTINGS.idleWarningMs, expiresAt: end, reason: 'timeout' },
      { type: 'session_expired', at: end, reason: 'timeout' },
    ])
    expect(chart.context.endReason).toBe('timeout')
  })

  test('is announced again when somebody has acted since', () => {
    const chart = tableOf().wait(SETTINGS.idleMs - SETTINGS.idleWarningMs)
    chart.send({ type: 'session.extend', by: BOB }).newEvents()
    chart.wait(SETTINGS.idleMs - SETTINGS.idleWarningMs)
    expect(chart.newEvents()).toEqual(['session_expiring'])
  })

  test('is what a session expires by, unless its life ends first', () => {
    expect(expiresAt(new Chart().context)).toBe(SETTINGS.idleMs)
    expect(expiresAt(new Chart({ lifeMs: SETTINGS.idleMs - 1 }).context)).toBe(SETTINGS.idleMs - 1)
    expect(expiresAt(new Chart({ lifeMs: SETTINGS.idleMs + 1 }).context)).toBe(SETTINGS.idleMs)
  })
})

describe('the life of a session', () => {
  test('counts from its creation, and has no end without a limit', () => {
    const chart = new Chart({ lifeMs: HOUR_MS }).wait(MINUTE_MS).send({ type: 'session.extend', by: ADA })
    expect(lifeDeadline(chart.context)).toBe(HOUR_MS)
    expect(lifeDeadline(new Chart().context)).toBeNull()
  })

  test('ends at its time, and is announced before, whatever the last command was', () => {
    const lifeMs = SETTINGS.idleMs - 1
    const chart = new Chart({ lifeMs }).wait(HOUR_MS)
    expect(eventsOf(chart)).toMatchObject([
      {
        type: 'session_expiring',
        at: lifeMs - SETTINGS.idleWarningMs,
        expiresAt: lifeMs,
        reason: 'life_over',
      },
      { type: 'session_expired', at: lifeMs, reason: 'life_over' },
    ])
  })

  /** What a session announces in which somebody acts at these minutes: when, why it ends, and when. */
  function announced(minutes: readonly number[], semantics?: number) {
    const chart = new Chart({ lifeMs: 20 * MINUTE_MS }, {}, semantics)
    for (const minute of minutes)
      chart.wait(minute * MINUTE_MS - chart.clock.now()).send({ type: 'session.extend', by: ADA })
    return eventsOf(chart.wait(HOUR_MS)).flatMap((event) =>
      event.type === 'session_expiring'
        ? [[event.at / MINUTE_MS, event.reason, event.expiresAt / MINUTE_MS]]
        : [],
    )
  }

  test.each([
    ['its life is over first', [5, 11], [[18, 'life_over', 20]]],
    ['both are over together', [5, 10], [[18, 'life_over', 20]]],
    ['its idle time is over first', [5, 9], [[17, 'timeout', 19]]],
    [
      'its idle time is over first until somebody acts',
      [5, 9, 18.5],
      [
        [17, 'timeout', 19],
        [18.5, 'life_over', 20],
      ],
    ],
  ])('is announced only where it comes before the idle time is over: %s', (_which, minutes, expected) => {
    expect(announced(minutes)).toEqual(expected)
  })

  test.each([
    [
      [5, 11],
      [
        [18, 'life_over', 20],
        [19, 'timeout', 21],
      ],
    ],
    [
      [5, 9],
      [
        [17, 'timeout', 19],
        [18, 'life_over', 20],
      ],
    ],
  ])('was announced in any case in sessions of the first semantics: %j', (minutes, expected) => {
    expect(announced(minutes, 1)).toEqual(expected)
  })

  test.each([
    [SETTINGS.idleWarningMs, ['session_expired']],
    [SETTINGS.idleWarningMs + 1, ['session_expiring', 'session_expired']],
  ])('of %d ms makes %j', (lifeMs, events) => {
    expect(new Chart({ lifeMs }).wait(HOUR_MS).newEvents()).toEqual(events)
  })
})

describe('the last event of a session says why', () => {
  test.each([
    ['ended', { type: 'session.end', by: ADA }],
    ['deserted', { type: 'session.terminate', reason: 'deserted' }],
    ['failed', { type: 'session.terminate', reason: 'failed' }],
  ] as const)('%s', (reason, command) => {
    const chart = chartIn('voting').wait(1_000).send(command)
    expect(eventsOf(chart)).toMatchObject([{ type: 'session_expired', at: 1_000, reason }])
    expect(chart.context.endReason).toBe(reason)
  })

  test('deserted, unless somebody has come back since it was found deserted', () => {
    const chart = new Chart().send(lost(ADA)).wait(2 * MINUTE_MS)
    const { emptySince } = chart.context
    if (emptySince === null) throw new Error('somebody is there')
    const terminate = { type: 'session.terminate', reason: 'deserted', emptySince } as const
    const back = chartIn('waiting').send(terminate)
    expect([back.status, eventsOf(back)]).toEqual(['waiting', []])
    expect(refusal({ status: 'waiting', context: back.context }, { ...terminate, at: 0 })).toMatchObject({
      code: 'SESSION_STATE_CONFLICT',
      detail: 'Somebody has come back to this session.',
    })
    chart.send({ ...terminate, emptySince: emptySince - 1 })
    expect(chart.context.endReason).toBeNull()
    chart.send(terminate)
    expect(chart.context.endReason).toBe('deserted')
  })

  test('empty, when the last one leaves; until then it goes on', () => {
    const chart = new Chart().join(BOB).send({ type: 'participant.leave', by: ADA })
    expect(chart.status).toBe('waiting')
    chart.newEvents()
    chart.send({ type: 'participant.leave', by: BOB })
    expect(eventsOf(chart)).toMatchObject([{ type: 'session_expired', reason: 'empty' }])
  })

  test('and somebody who was not in the session does not cause it', () => {
    const chart = new Chart().send({ type: 'participant.leave', by: BOB })
    expect([chart.status, chart.newEvents()]).toEqual(['waiting', []])
  })
})

describe('what restarts the idle time', () => {
  test.each([
    ['a command from a person', { type: 'session.extend', by: BOB }, true],
    ['a stream that closes', lost(BOB), false],
    ['a sign of life', { type: 'presence.seen', userId: BOB }, false],
    ['a heartbeat', { type: 'presence.heartbeat', userId: BOB, leaseMs: HOUR_MS }, false],
    ['a tick', { type: 'tick' }, false],
  ] as const)('%s: %j', (_what, command, restarts) => {
    const chart = tableOf().wait(MINUTE_MS)
    const { revision } = chart.context
    const { context } = chart.send(command)
    expect([context.now, context.revision]).toEqual([MINUTE_MS, revision + 1])
    expect(context.lastActivityAt).toBe(restarts ? MINUTE_MS : 0)
    expect(context.idleDeadline).toBe((restarts ? MINUTE_MS : 0) + SETTINGS.idleMs)
  })

  test('a command dated before what has already happened counts as of the latter', () => {
    const chart = tableOf().wait(MINUTE_MS).send({ type: 'session.extend', by: BOB })
    chart.actor.send({ type: 'session.extend', at: 1, by: BOB })
    expect(chart.context).toMatchObject({ now: MINUTE_MS, lastActivityAt: MINUTE_MS })
    chart.actor.send({ type: 'presence.seen', at: 1, userId: BOB })
    expect(chart.context.now).toBe(MINUTE_MS)
  })
})

describe('versions after a log was forked', () => {
  test.each([
    ['skip all that were shown', 40, 41],
    ['stay as they are if they are beyond those', -1, 0],
  ])('%s', (_name, ahead, skipped) => {
    const chart = tableOf()
    const before = chart.context.version
    chart.send({ type: 'log.forked', version: before + ahead })
    expect(chart.context.version).toBe(before + skipped)
  })
})
