import type { NodeId, UserId } from '../../../machines/ids.js'
import type { SessionSettings } from '../../../machines/session/context.js'
import {
  attended,
  isSignWanted,
  lapse,
  NODE_LOST_MS,
  openStreams,
  presenceDeadline,
  reportStreams,
  shown,
} from '../../../machines/session/presence.js'
import {
  ADA,
  BOB,
  Chart,
  CYD,
  lost,
  MINUTE_MS,
  NODE,
  returned,
  SETTINGS,
  TOKEN_DIGEST,
} from '../../support/chart.js'
import { eventsOf } from '../../support/table.js'

const OTHER = 'other node' as NodeId
const DEBOUNCE_MS = 2_000
/** A sign counts a third longer than PRESENCE_SECONDS; the next is wanted once less than those are left. */
const SIGN_MS = SETTINGS.presenceMs + SETTINGS.presenceMs / 3

const streams = (userId: UserId, open: number, node = NODE) =>
  ({ type: 'presence.streams', userId, node, open }) as const
const seen = (userId: UserId) => ({ type: 'presence.seen', userId }) as const
const heartbeat = (userId: UserId, leaseMs: number) =>
  ({ type: 'presence.heartbeat', userId, leaseMs }) as const
const lostNode = (node: NodeId) => ({ type: 'node.lost', node }) as const
const seat = (userId: UserId) =>
  ({ type: 'participant.join', userId, name: userId, avatar: 'owl', tokenDigest: TOKEN_DIGEST }) as const

/** Ada and Bob have a stream each, and the debounce's time to reopen it when it closes. */
function pair(settings: Partial<SessionSettings> = {}): Chart {
  const chart = new Chart({ debounceMs: DEBOUNCE_MS, idleMs: 60 * MINUTE_MS, ...settings }).join(BOB)
  chart.newEvents()
  return chart
}

const bobIn = (chart: Chart) => chart.context.participants.find(({ id }) => id === BOB)

/** How long from now until somebody goes; `null`: not within the next half hour. */
function awayAfter(chart: Chart, userId: UserId): number | null {
  const from = chart.clock.now()
  const gone = eventsOf(chart.wait(30 * MINUTE_MS)).find(
    (event) => event.type === 'user_disconnected' && event.userId === userId,
  )
  return gone === undefined ? null : gone.at - from
}

describe('somebody with a stream', () => {
  test('is present as long as it is open', () => {
    expect(awayAfter(pair(), BOB)).toBeNull()
  })

  test('is away once it has been closed for the debounce’s time, whatever the earlier signs of life', () => {
    expect(awayAfter(pair().send(lost(BOB)), BOB)).toBe(DEBOUNCE_MS)
    expect(awayAfter(pair().send(seen(BOB), lost(BOB)), BOB)).toBe(DEBOUNCE_MS)
  })

  test('is present while one of several is open, on any node', () => {
    const chart = pair().send(streams(BOB, 3), streams(BOB, 1, OTHER), streams(BOB, 2))
    expect(openStreams(bobIn(chart) ?? { streams: [] })).toBe(3)
    expect(awayAfter(chart.send(streams(BOB, 0)), BOB)).toBeNull()
    expect(awayAfter(chart.send(streams(BOB, 0, OTHER)), BOB)).toBe(DEBOUNCE_MS)
  })

  test('who reopens it in time was never away, and nobody is told', () => {
    const chart = pair()
      .send(lost(BOB))
      .wait(DEBOUNCE_MS - 1)
      .send(returned(BOB))
    expect(chart.wait(MINUTE_MS).newEvents()).toEqual([])
    expect(bobIn(chart)).toMatchObject({ isOnline: true, presentUntil: null })
  })

  test('is announced once, however often the same is reported', () => {
    const chart = pair().send(lost(BOB)).wait(1_000).send(streams(BOB, 0))
    expect(awayAfter(chart, BOB)).toBe(DEBOUNCE_MS - 1_000)
    chart.send(returned(BOB), returned(BOB))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_joined', userId: BOB, reconnected: true, sync: null },
    ])
  })

  test('needs no other sign of life, and gains nothing by one', () => {
    const chart = pair().send(seen(BOB))
    expect(bobIn(chart)?.presentUntil).toBeNull()
    expect(isSignWanted(chart.context, BOB, 0)).toBe(false)
    expect(chart.newEvents()).toEqual([])
  })
})

describe('somebody without a stream', () => {
  test('is present for a while after taking the seat', () => {
    const chart = pair().send(seat(CYD))
    expect(chart.context.participants.at(-1)).toEqual({
      id: CYD,
      name: CYD,
      avatar: 'owl',
      role: 'voter',
      joinedAt: 0,
      isOnline: true,
      streams: [],
      presentUntil: SIGN_MS,
      leaseUntil: null,
    })
    expect(awayAfter(chart, CYD)).toBe(SIGN_MS)
  })

  test('is present for just as long after each sign of life', () => {
    const chart = pair()
      .send(seat(CYD))
      .wait(SIGN_MS - 1)
      .send(seen(CYD))
    expect(awayAfter(chart, CYD)).toBe(SIGN_MS)
  })

  test('keeps the later of two promises', () => {
    const chart = pair().send(lost(BOB), heartbeat(BOB, 10 * MINUTE_MS), seen(BOB))
    expect(awayAfter(chart, BOB)).toBe(10 * MINUTE_MS)
  })

  test('comes back with any sign of life, and everybody is told', () => {
    const signs = [
      [seen(BOB), null],
      [heartbeat(BOB, 1_000), null],
      [
        { type: 'participant.reconnect', by: BOB, known: null },
        { known: null, wasCutOff: false },
      ],
    ] as const
    for (const [sign, sync] of signs) {
      const chart = pair().send(lost(BOB)).wait(DEBOUNCE_MS)
      chart.newEvents()
      expect(eventsOf(chart.send(sign))).toMatchObject([
        { type: 'user_joined', userId: BOB, reconnected: true, sync },
      ])
      expect(bobIn(chart)?.isOnline).toBe(true)
    }
  })

  test('is told that they were cut off when they ask what they missed', () => {
    const chart = pair().send(lost(BOB), lost(ADA)).wait(DEBOUNCE_MS)
    chart.newEvents()
    const known = { version: 3, checksum: 'c' }
    chart.send({ type: 'participant.reconnect', by: BOB, known })
    expect(eventsOf(chart)[0]).toMatchObject({ type: 'user_joined', sync: { known, wasCutOff: true } })
  })

  test('causes no event by asking what they missed while they were present', () => {
    const chart = pair().send({ type: 'participant.reconnect', by: BOB, known: null })
    expect(chart.newEvents()).toEqual([])
  })

  test('goes together with all whose time is up, and with nobody else', () => {
    const chart = pair()
      .send(seat(CYD))
      .wait(1_000)
      .send(seat('dee' as UserId), lost(BOB))
    chart.newEvents()
    chart.wait(SIGN_MS)
    expect(eventsOf(chart).filter(({ type }) => type === 'user_disconnected')).toMatchObject([
      { userId: BOB, at: 1_000 + DEBOUNCE_MS },
      { userId: CYD, at: SIGN_MS },
      { userId: 'dee', at: SIGN_MS + 1_000 },
    ])
    const both = pair()
      .send(seat(CYD), seat('dee' as UserId))
      .wait(SIGN_MS - 1)
    both.newEvents()
    both.wait(1)
    expect(both.newEvents().filter((type) => type === 'user_disconnected')).toHaveLength(2)
  })

  test('sets the next deadline, that of the first to go', () => {
    expect(presenceDeadline(pair().context)).toBeNull()
    const chart = pair().send(seat(CYD)).wait(1_000).send(heartbeat(BOB, 5_000))
    expect(presenceDeadline(chart.context)).toBe(6_000)
    expect(presenceDeadline(chart.send(heartbeat(BOB, 10 * MINUTE_MS)).context)).toBe(SIGN_MS)
  })
})

describe('a lease', () => {
  test('overrides any socket, until the next sign of life', () => {
    const chart = pair().send(heartbeat(BOB, 75_000))
    expect(awayAfter(chart, BOB)).toBe(75_000)
    expect(bobIn(chart)).toMatchObject({ isOnline: false, presentUntil: null, leaseUntil: null })
    expect(eventsOf(chart.send(seen(BOB)))).toMatchObject([{ type: 'user_joined', userId: BOB }])
    // Without a lease the stream counts again.
    expect(awayAfter(chart, BOB)).toBeNull()
  })

  test('is renewed by each heartbeat', () => {
    const chart = pair().send(heartbeat(BOB, 75_000)).wait(74_999).send(heartbeat(BOB, 75_000))
    expect(awayAfter(chart, BOB)).toBe(75_000)
  })

  test('counts for as long as it says, even where a sign of life would count longer', () => {
    const chart = pair().send(lost(BOB)).wait(1_000).send(seen(BOB), heartbeat(BOB, 5_000))
    expect(awayAfter(chart, BOB)).toBe(5_000)
  })

  test('that runs out with a stream still open marks its owner away, and closing it changes nothing', () => {
    const chart = pair().send(heartbeat(BOB, 1_000)).wait(1_000)
    chart.newEvents()
    chart.send(lost(BOB))
    expect(bobIn(chart)).toMatchObject({ isOnline: false, streams: [], presentUntil: null })
    expect(chart.newEvents()).toEqual([])
  })
})

describe('a sign of life is wanted', () => {
  const wanted = (chart: Chart, userId = BOB) => isSignWanted(chart.context, userId, chart.clock.now())

  test('from nobody outside the session', () => {
    expect(wanted(pair(), CYD)).toBe(false)
  })

  test('from anybody who is away', () => {
    expect(wanted(pair().send(lost(BOB)).wait(DEBOUNCE_MS))).toBe(true)
  })

  test('from anybody with less time left than a sign counts for', () => {
    const chart = pair()
      .send(seat(CYD))
      .wait(SIGN_MS - SETTINGS.presenceMs)
    expect(wanted(chart, CYD)).toBe(false)
    expect(wanted(chart.wait(1), CYD)).toBe(true)
    expect(wanted(pair().send(lost(BOB)))).toBe(true)
  })
})

describe('a node that is gone', () => {
  test('takes its streams with it, and those on other nodes stay', () => {
    const chart = pair().send(streams(BOB, 2, OTHER), lostNode(OTHER))
    expect(bobIn(chart)?.streams).toEqual([{ node: NODE, open: 1 }])
    expect(awayAfter(chart, BOB)).toBeNull()
  })

  test('gives its people time to come back, whatever the debounce', () => {
    expect(awayAfter(pair().send(lostNode(NODE)), BOB)).toBe(NODE_LOST_MS)
  })

  test('leaves a longer lease as it is, and lengthens a shorter one', () => {
    const leases = [MINUTE_MS, 1_000].map((leaseMs) => {
      const chart = pair().send(heartbeat(BOB, leaseMs), lostNode(NODE))
      return bobIn(chart)?.leaseUntil
    })
    expect(leases).toEqual([MINUTE_MS, NODE_LOST_MS])
    expect(bobIn(pair().send(lostNode(NODE)))?.leaseUntil).toBeNull()
  })

  test('brings nobody back who was away', () => {
    const chart = pair().send(heartbeat(BOB, 1_000)).wait(1_000).send(lostNode(NODE))
    expect(bobIn(chart)).toMatchObject({ isOnline: false, streams: [], presentUntil: null })
  })

  test('changes nobody if nobody was on it', () => {
    const chart = pair()
    const [ada, bob] = chart.context.participants
    const after = chart.send(lostNode(OTHER)).context.participants
    expect(after[0]).toBe(ada)
    expect(after[1]).toBe(bob)
  })

  test('moves no deadline of anybody who had no stream there', () => {
    const chart = pair().send(seat(CYD)).wait(1_000).send(lostNode(NODE))
    expect(awayAfter(chart, CYD)).toBe(SIGN_MS - 1_000)
  })
})

describe('what changes nothing leaves the session as it is', () => {
  const context = () => pair().context

  test('a sign of life from somebody with a stream', () => {
    const before = context()
    expect(shown(before, BOB, SIGN_MS, null)).toBe(before)
  })

  test('a report about, or a sign from, somebody who is not in the session', () => {
    const before = context()
    expect(shown(before, CYD, SIGN_MS, null)).toBe(before)
    expect(reportStreams(before, { ...streams(CYD, 1), at: 0 })).toEqual({
      ...before,
      events: [],
      revision: before.revision + 1,
    })
  })

  test('a time when nobody’s is up, and an arrival where others are present', () => {
    const before = context()
    expect(lapse(before)).toBe(before)
    expect(attended(before)).toBe(before)
  })
})

describe('a session in which nobody is present', () => {
  const emptySince = (chart: Chart) => chart.context.emptySince

  test('counts as empty since the last one went, until one is back', () => {
    const chart = pair({ graceMs: 30 * MINUTE_MS }).send(lost(ADA))
    expect(emptySince(chart.wait(MINUTE_MS))).toBeNull()
    chart.send(lost(BOB)).wait(5 * MINUTE_MS)
    expect(emptySince(chart)).toBe(MINUTE_MS + DEBOUNCE_MS)
    chart.send({ type: 'participant.kick', by: ADA, userId: BOB })
    expect(emptySince(chart)).toBe(MINUTE_MS + DEBOUNCE_MS)
    expect(emptySince(chart.send(seen(ADA)))).toBeNull()
  })

  test.each([
    [1, 0],
    [2, null],
  ])('is empty until somebody joins; by semantics %d it is then empty since %p', (semantics, expected) => {
    const chart = new Chart({}, {}, semantics).send(lost(ADA)).wait(MINUTE_MS)
    expect(emptySince(chart)).toBe(0)
    expect(emptySince(chart.join(BOB))).toBe(expected)
  })

  test('counts as empty when the last one present leaves', () => {
    const chart = pair().send(lost(BOB)).wait(MINUTE_MS)
    expect(emptySince(chart)).toBeNull()
    expect(emptySince(chart.send({ type: 'participant.leave', by: ADA }))).toBe(MINUTE_MS)
  })
})
