import type { UserId } from '../../../machines/ids.js'
import { ADA, BOB, CYD, TOKEN_DIGEST } from '../../support/chart.js'
import { eventsOf, judged, start, tableOf, wish } from '../../support/table.js'

const role = (userId: UserId, to: 'voter' | 'observer') =>
  ({ type: 'role.change', by: ADA, userId, role: to }) as const
const offer = (by: UserId, digest: string) => ({ type: 'seat.offer', by, digest }) as const
const take = (by: UserId, digest: string) =>
  ({ type: 'seat.take', by, digest, tokenDigest: TOKEN_DIGEST }) as const
const nudge = (userId: UserId) => ({ type: 'participant.nudge', by: ADA, userId }) as const
const leave = (by: UserId) => ({ type: 'participant.leave', by }) as const

describe('settings', () => {
  const OWN_DECK = { name: null, cards: ['S', 'M'] }

  test.each([
    { deck: OWN_DECK },
    { revealsItself: true },
    { roundMs: 60_000 },
    { whoMayReveal: 'everyone' },
    { allowsVoteAfterReveal: true },
    { hasAnonymousVotes: true },
    { isListed: false },
  ] as const)('change by %j, once, and the others stay', (change) => {
    const chart = tableOf()
    const { rules } = chart.context
    chart.send(wish(change), wish(change))
    expect(eventsOf(chart)).toMatchObject([{ type: 'session_updated', reason: 'settings' }])
    expect(chart.context.rules).toEqual({ ...rules, ...change })
  })

  test.each([
    ['name', { name: 'magnapp', cards: OWN_DECK.cards }],
    ['cards', { name: null, cards: ['S', 'L'] }],
    ['number of cards', { name: null, cards: ['S', 'M', 'L'] }],
    ['split into cards', { name: null, cards: ['SM', ''] }],
  ] as const)('change by a deck with a different %s', (_what, deck) => {
    const chart = tableOf({ deck: OWN_DECK }).send(wish({ deck: { ...OWN_DECK } }))
    expect(chart.newEvents()).toEqual([])
    expect(chart.send(wish({ deck })).newEvents()).toEqual(['session_updated'])
  })
})

describe('a role', () => {
  test('is changed for one person, once, and everybody is told', () => {
    const chart = tableOf().send(role(CYD, 'voter'), role(CYD, 'observer'), role(CYD, 'observer'))
    expect(eventsOf(chart)).toMatchObject([{ type: 'role_changed', userId: CYD, role: 'observer' }])
    expect(chart.context.participants.map((one) => one.role)).toEqual(['voter', 'voter', 'observer'])
  })

  test('is chosen when joining, and is voter by default', () => {
    const chart = tableOf().send({
      type: 'participant.join',
      userId: 'dee' as UserId,
      name: 'Dee',
      avatar: 'owl',
      role: 'observer',
      tokenDigest: TOKEN_DIGEST,
    })
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_joined', userId: 'dee', reconnected: false, sync: null },
    ])
    expect(chart.context.participants.map((one) => one.role)).toEqual(['voter', 'voter', 'voter', 'observer'])
  })
})

describe('a seat code', () => {
  test('opens its owner’s seat, once; other codes stay', () => {
    const chart = tableOf().send(offer(BOB, 'b'), offer(CYD, 'c'), take(BOB, 'b'))
    expect(chart.newEvents()).toEqual([])
    expect(judged(chart, take(BOB, 'b'))?.code).toBe('SEAT_CODE_INVALID')
    expect(judged(chart, take(CYD, 'c'))).toBeNull()
  })

  test('replaces the one its owner had, and is gone with them', () => {
    const chart = tableOf().send(offer(BOB, 'old'), offer(CYD, 'c'), offer(BOB, 'new'))
    expect(judged(chart, take(BOB, 'old'))?.code).toBe('SEAT_CODE_INVALID')
    expect(judged(chart, take(BOB, 'new'))).toBeNull()
    chart.send(leave(BOB))
    expect(chart.context.seatCodes.map(({ userId }) => userId)).toEqual([CYD])
  })
})

describe('a nudge', () => {
  test('says who asks whom, and is forgotten when they leave', () => {
    const chart = tableOf().send(start())
    chart.newEvents()
    chart.send(nudge(BOB), nudge(CYD))
    expect(eventsOf(chart)).toMatchObject([
      { type: 'user_nudged', userId: BOB, by: ADA },
      { type: 'user_nudged', userId: CYD, by: ADA },
    ])
    chart.send(leave(BOB))
    expect(chart.context.nudges.map(({ userId }) => userId)).toEqual([CYD])
  })
})
