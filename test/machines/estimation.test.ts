import { type Deck, namedDeck } from '../../machines/deck.js'
import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { statusOf } from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import { revealedRounds } from '../../machines/session/rounds.js'
import type { SessionRules } from '../../machines/session/rules.js'
import {
  ADA,
  BOB,
  Chart,
  CYD,
  lost,
  MINUTE_MS,
  returned,
  SETTINGS,
  TOKEN_DIGEST,
  type Untimed,
} from '../support/chart.js'

const SECOND_MS = 1_000
const OWN: Deck = { name: null, cards: ['½', 'big', '⚡'] }

let rounds = 0
const newRound = () => {
  rounds += 1
  return `round ${rounds}` as RoundId
}
const startAbout = (n: number): Untimed => ({
  type: 'round.start',
  by: ADA,
  roundId: newRound(),
  story: { id: story(n) },
})
const startNew = (n: number): Untimed => ({
  type: 'round.start',
  by: ADA,
  roundId: newRound(),
  story: { draft: draft(n) },
})
const start = (by = ADA): Untimed => ({ type: 'round.start', by, roundId: newRound() })
const vote = (by: UserId, value = '5'): Untimed => ({ type: 'vote.cast', by, value })
const reveal = (by = ADA): Untimed => ({ type: 'round.reveal', by })
const PAUSE: Untimed = { type: 'session.pause', by: ADA }
const RESUME: Untimed = { type: 'session.resume', by: ADA }
const wish = (change: Partial<SessionRules>): Untimed => ({ type: 'settings.change', by: ADA, wish: change })
const story = (n: number) => `story ${n}` as StoryId
const draft = (n: number) => ({ id: story(n), title: `Story ${n}`, link: null, notes: null, estimate: null })
const addStories = (...numbers: number[]): Untimed => ({
  type: 'stories.add',
  by: ADA,
  drafts: numbers.map(draft),
})

/** Ada, Bob and Cyd at a table with these rules. */
function table(rules: Partial<SessionRules> = {}, settings = { revealMs: 0 }): Chart {
  const chart = new Chart(settings, rules).join(BOB, CYD)
  chart.newEvents()
  return chart
}

/** The code that a command is refused with; nothing may change then. */
function refused(chart: Chart, command: Untimed): string | undefined {
  const snapshot = chart.actor.getSnapshot()
  const timed: SessionCommand = { ...command, at: chart.clock.now() }
  const said = refusal({ status: statusOf(snapshot), context: snapshot.context }, timed)
  expect(snapshot.can(timed)).toBe(said === null)
  if (said !== null) {
    chart.send(command)
    expect(chart.context).toBe(snapshot.context)
  }
  return said?.code
}

describe('a round', () => {
  test('is voted on with the session’s deck, and accepts no other card', () => {
    const chart = table({ deck: OWN }).send(start(), vote(BOB, '½'))
    expect(chart.context.round?.votes).toHaveLength(1)
    const position = { status: 'voting', context: chart.context } as const
    expect(refusal(position, { type: 'vote.cast', by: BOB, value: '5' })).toMatchObject({
      code: 'VALIDATION_ERROR',
      facts: { deck: OWN, faults: [{ path: 'vote', message: 'must be one of ½, big, ⚡' }] },
    })
    expect(refused(chart, vote(BOB, '5'))).toBe('VALIDATION_ERROR')
    expect(refused(chart, vote(BOB, 'toString'))).toBe('VALIDATION_ERROR')
  })

  test('lets a voter withdraw a card, and does not mind when there is none', () => {
    const chart = table().send(start(), vote(BOB), { type: 'vote.withdraw', by: BOB })
    expect(chart.newEvents()).toEqual(['voting_started', 'vote_submitted', 'vote_withdrawn'])
    expect(chart.context.round?.votes).toEqual([])
    expect(chart.send({ type: 'vote.withdraw', by: BOB }).newEvents()).toEqual([])
    expect(refused(table(), { type: 'vote.withdraw', by: BOB })).toBe('VOTING_ERROR')
  })

  test('keeps its deck and its anonymity, whatever settings are requested meanwhile', () => {
    const chart = table().send(start(), vote(BOB))
    expect(refused(chart, wish({ deck: OWN }))).toBe('SESSION_STATE_CONFLICT')
    expect(refused(chart, wish({ hasAnonymousVotes: true }))).toBe('SESSION_STATE_CONFLICT')
    chart.send(PAUSE)
    expect(refused(chart, wish({ deck: OWN }))).toBe('SESSION_STATE_CONFLICT')
    chart.send(RESUME, reveal(), wish({ deck: OWN, hasAnonymousVotes: true }))
    expect(chart.context.round).toMatchObject({ deck: namedDeck('magnapp'), isAnonymous: false })
    chart.send(start())
    expect(chart.context.round).toMatchObject({ deck: OWN, isAnonymous: true })
  })

  test('may be revealed by everyone where the settings say so', () => {
    const chart = table().send(start())
    expect(refused(chart, reveal(BOB))).toBe('UNAUTHORIZED')
    chart.send(wish({ whoMayReveal: 'everyone' }), reveal(BOB))
    expect(chart.status).toBe('results')
  })
})

describe('settings', () => {
  test('can be changed only by the Scrum Master, in any status', () => {
    const chart = table()
    expect(refused(chart, { type: 'settings.change', by: BOB, wish: { isListed: false } })).toBe(
      'UNAUTHORIZED',
    )
    chart.send(start(), PAUSE, wish({ isListed: false }))
    expect(chart.context.rules.isListed).toBe(false)
    expect(chart.newEvents().at(-1)).toBe('session_updated')
  })

  test('that stay the same make no event', () => {
    const same = { deck: { ...namedDeck('magnapp') }, revealsItself: false }
    expect(table().send(wish(same)).newEvents()).toEqual([])
  })
})

describe('auto-reveal', () => {
  const RULES = { revealsItself: true }

  test('reveals once every online voter has voted, in the step of the last vote', () => {
    const chart = table(RULES).send(start(), vote(ADA), vote(BOB))
    expect(chart.status).toBe('voting')
    chart.newEvents()
    expect(chart.send(vote(CYD)).newEvents()).toEqual(['vote_submitted', 'votes_revealed', 'round_completed'])
  })

  test('waits for the first card, however few are present', () => {
    const chart = table(RULES).send(start(), lost(CYD)).wait(MINUTE_MS).send(lost(BOB))
    expect(chart.status).toBe('voting')
    expect(chart.send(vote(ADA)).status).toBe('results')
  })

  test('reveals when the only one missing drops, leaves or is kicked', () => {
    const missing: Untimed[] = [
      lost(CYD),
      { type: 'participant.leave', by: CYD },
      { type: 'participant.kick', by: ADA, userId: CYD },
    ]
    for (const command of missing) {
      const chart = table(RULES).send(start(), vote(ADA), vote(BOB), command)
      expect(chart.status).toBe('results')
      expect(chart.context.round?.statistics?.totalVotes).toBe(2)
    }
  })

  test('counts the card of somebody who dropped, and is not re-armed by their return', () => {
    const chart = table(RULES).send(start(), vote(CYD), lost(CYD)).wait(MINUTE_MS).send(vote(ADA), vote(BOB))
    expect(chart.context.round?.statistics?.totalVotes).toBe(3)
    const { round } = chart.context
    chart.send(returned(CYD)).wait(1)
    expect(chart.status).toBe('results')
    expect(chart.context.round).toBe(round)
  })

  test('waits again for a newcomer who comes before it, and never for observers', () => {
    const dee = 'dee' as UserId
    const chart = table(RULES).send(start(), vote(ADA), vote(BOB)).join(dee)
    chart.send(vote(CYD))
    expect(chart.status).toBe('voting')
    expect(chart.send(vote(dee)).status).toBe('results')
    const watched = table(RULES)
    watched.send({
      type: 'participant.join',
      userId: dee,
      name: 'Dee',
      avatar: 'owl',
      role: 'observer',
      tokenDigest: TOKEN_DIGEST,
    })
    watched.send(start(), vote(ADA), vote(BOB), vote(CYD))
    expect(watched.status).toBe('results')
  })

  test('does not happen while the Scrum Master is missing, but once they are back or replaced', () => {
    const chart = table(RULES).send(start(), vote(BOB), vote(CYD), lost(ADA))
    expect(chart.status).toBe('grace_period')
    chart.send(returned(ADA))
    expect(chart.status).toBe('voting')
    expect(chart.send(vote(ADA)).status).toBe('results')
    const gone = table(RULES).send(start(), vote(BOB), vote(CYD), lost(ADA)).wait(SETTINGS.graceMs)
    expect(gone.newEvents().slice(-4)).toEqual([
      'scrum_master_changed',
      'grace_period_ended',
      'votes_revealed',
      'round_completed',
    ])
  })

  test('happens as soon as it is turned on when all have voted, or after a pause', () => {
    const chart = table().send(start(), vote(ADA), vote(BOB), vote(CYD))
    expect(chart.status).toBe('voting')
    expect(chart.send(wish(RULES)).status).toBe('results')
    const paused = table().send(start(), vote(ADA), vote(BOB), vote(CYD), PAUSE, wish(RULES))
    expect(paused.status).toBe('paused')
    expect(paused.send(RESUME).status).toBe('results')
  })

  test('shows the cards for as long as any reveal does', () => {
    const chart = table(RULES, { revealMs: 3_000 }).send(start(), vote(ADA), vote(BOB), vote(CYD))
    expect(chart.status).toBe('revealing')
    expect(chart.wait(3_000).status).toBe('results')
  })
})

describe('the round’s timer', () => {
  const RULES = { roundMs: 60 * SECOND_MS }

  test('says when time is up, and the round goes on', () => {
    const chart = table(RULES).send(start(), vote(BOB)).wait(59_999)
    expect(chart.newEvents()).toEqual(['voting_started', 'vote_submitted'])
    chart.wait(1)
    expect(chart.newEvents()).toEqual(['round_timer_ended'])
    expect(chart.status).toBe('voting')
    chart.wait(5 * MINUTE_MS).send(vote(CYD), reveal())
    expect(chart.newEvents()).toEqual(['vote_submitted', 'votes_revealed', 'round_completed'])
  })

  test('reveals with auto-reveal, whether all have voted or not', () => {
    const chart = table({ ...RULES, revealsItself: true })
      .send(start(), vote(BOB))
      .wait(60_000)
    expect(chart.newEvents()).toEqual([
      'voting_started',
      'vote_submitted',
      'round_timer_ended',
      'votes_revealed',
      'round_completed',
    ])
    expect(chart.context.round?.revealedAt).toBe(60_000)
  })

  test('stands still during pauses and grace periods, and continues with what was left', () => {
    const chart = table(RULES)
      .send(start())
      .wait(20_000)
      .send(PAUSE)
      .wait(3 * MINUTE_MS)
    chart.send(lost(ADA)).wait(MINUTE_MS).send(returned(ADA))
    expect(chart.status).toBe('paused')
    chart.wait(MINUTE_MS).send(RESUME).wait(10_000)
    chart.send(lost(ADA)).wait(MINUTE_MS).send(returned(ADA))
    chart.newEvents()
    expect(chart.wait(29_999).newEvents()).toEqual([])
    expect(chart.wait(1).newEvents()).toEqual(['round_timer_ended'])
  })

  test('is the same after a restore, running or held', () => {
    const running = table(RULES).send(start()).wait(20_000).restored().wait(39_999)
    running.newEvents()
    expect(running.wait(1).newEvents()).toEqual(['round_timer_ended'])
    const held = table(RULES).send(start()).wait(20_000).send(PAUSE).wait(MINUTE_MS).restored().send(RESUME)
    held.newEvents()
    expect(held.wait(39_999).newEvents()).toEqual([])
    expect(held.wait(1).newEvents()).toEqual(['round_timer_ended'])
  })

  test('ends once: after a pause, a grace period and a restore it is still over', () => {
    const chart = table(RULES).send(start()).wait(60_000)
    expect(chart.newEvents()).toContain('round_timer_ended')
    chart.send(PAUSE).wait(MINUTE_MS).send(RESUME).restored()
    chart.send(lost(ADA)).wait(MINUTE_MS).send(returned(ADA)).wait(MINUTE_MS)
    expect(chart.newEvents()).not.toContain('round_timer_ended')
    expect(chart.status).toBe('voting')
  })

  test('is extended by as much as asked, from its end or from now', () => {
    const extend = (ms: number, by = ADA): Untimed => ({ type: 'round.extend', by, ms })
    const chart = table(RULES).send(start()).wait(50_000).send(extend(30_000))
    expect(chart.newEvents()).toEqual(['voting_started', 'round_extended'])
    expect(chart.wait(39_999).newEvents()).toEqual([])
    expect(chart.wait(1).newEvents()).toEqual(['round_timer_ended'])
    chart.wait(MINUTE_MS).send(extend(10_000))
    chart.newEvents()
    expect(chart.wait(10_000).newEvents()).toEqual(['round_timer_ended'])
    expect(refused(chart, extend(10_000, BOB))).toBe('UNAUTHORIZED')
    chart.send(PAUSE)
    expect(refused(chart, extend(10_000))).toBe('SESSION_STATE_CONFLICT')
    expect(refused(table().send(start()), extend(10_000))).toBe('SESSION_STATE_CONFLICT')
    expect(refused(table(), extend(10_000))).toBe('VOTING_ERROR')
  })

  test('that is extended leaves the cards where they are', () => {
    const chart = table(RULES).send(start(), vote(BOB, '5')).wait(MINUTE_MS)
    const before = chart.context.round
    expect(before).toMatchObject({ isTimeUp: true, votes: [{ userId: BOB, value: '5' }] })
    chart.send({ type: 'round.extend', by: ADA, ms: 10_000 })
    expect(chart.context.round).toEqual({ ...before, isTimeUp: false })
  })

  test('starts afresh with every round', () => {
    const chart = table(RULES).send(start()).wait(30_000).send(reveal(), start())
    chart.newEvents()
    expect(chart.wait(59_999).newEvents()).toEqual([])
    expect(chart.wait(1).newEvents()).toEqual(['round_timer_ended'])
    chart.send(wish({ roundMs: null }), reveal(), start()).wait(5 * MINUTE_MS)
    expect(chart.newEvents()).not.toContain('round_timer_ended')
  })
})

describe('a card after the reveal', () => {
  const RULES = { allowsVoteAfterReveal: true }

  test('may be changed by anybody who had one, and the statistics follow', () => {
    const chart = table(RULES).send(start(), vote(BOB, '5'), vote(CYD, '8'), reveal(), vote(BOB, '8'))
    expect(chart.newEvents().at(-1)).toBe('vote_changed')
    expect(chart.context.round?.statistics).toMatchObject({ average: 8, consensus: true })
    expect(chart.send(vote(BOB, '8')).newEvents()).toEqual([])
    expect(refused(chart, vote(ADA, '8'))).toBe('VOTING_ERROR')
  })

  test('cannot be changed by default, while cards turn, or in an anonymous round', () => {
    expect(refused(table().send(start(), vote(BOB), reveal()), vote(BOB, '8'))).toBe('VOTING_ERROR')
    const turning = table(RULES, { revealMs: 3_000 }).send(start(), vote(BOB), reveal())
    expect(refused(turning, vote(BOB, '8'))).toBe('VOTING_ERROR')
    const hidden = table({ ...RULES, hasAnonymousVotes: true }).send(start(), vote(BOB), reveal())
    expect(refused(hidden, vote(BOB, '8'))).toBe('VOTING_ERROR')
  })
})

describe('observers', () => {
  const role = (userId: UserId, to: 'voter' | 'observer', by = userId): Untimed => ({
    type: 'role.change',
    by,
    userId,
    role: to,
  })

  test('never vote, but take a seat', () => {
    const chart = table().send(role(CYD, 'observer'), start())
    expect(chart.newEvents()).toEqual(['role_changed', 'voting_started'])
    expect(refused(chart, vote(CYD))).toBe('UNAUTHORIZED')
    expect(refused(chart, { type: 'vote.withdraw', by: CYD })).toBe('UNAUTHORIZED')
    expect(chart.context.participants).toHaveLength(3)
  })

  test('can change their own role, and the Scrum Master anybody’s, between rounds', () => {
    const chart = table()
    expect(refused(chart, role(CYD, 'observer', BOB))).toBe('UNAUTHORIZED')
    expect(refused(chart, role('nobody' as UserId, 'observer', ADA))).toBe('USER_NOT_FOUND')
    chart.send(role(CYD, 'observer', ADA), role(CYD, 'observer'))
    expect(chart.newEvents()).toEqual(['role_changed'])
    chart.send(start())
    expect(refused(chart, role(CYD, 'voter'))).toBe('SESSION_STATE_CONFLICT')
    chart.send(reveal(), role(CYD, 'voter'))
    expect(chart.newEvents().at(-1)).toBe('role_changed')
  })

  test('lead like anybody else', () => {
    const chart = table({ revealsItself: true }).send(role(ADA, 'observer'), start(), vote(BOB), vote(CYD))
    expect(chart.status).toBe('results')
  })
})

describe('stories', () => {
  test('can be changed only by the Scrum Master, each change making a version', () => {
    const chart = table().send(addStories(1, 2, 3))
    expect(chart.context.storiesVersion).toBe(1)
    const changes = (by: UserId): Untimed[] => [
      { type: 'stories.patch', by, storyId: story(2), patch: { notes: 'x' } },
      { type: 'stories.order', by, storyIds: [story(3), story(1), story(2)] },
      { type: 'stories.remove', by, storyId: story(1) },
    ]
    for (const [index, command] of changes(ADA).entries()) {
      expect(refused(chart, changes(BOB)[index] ?? command)).toBe('UNAUTHORIZED')
      expect(chart.send(command).newEvents()).toContain('stories_updated')
    }
    expect(chart.context.storiesVersion).toBe(4)
    expect(chart.context.stories.map(({ id }) => id)).toEqual([story(3), story(2)])
  })

  test('that stay the same make no event and no version', () => {
    const chart = table().send(addStories(1, 2))
    chart.newEvents()
    chart.send(
      { type: 'stories.patch', by: ADA, storyId: story(1), patch: { title: 'Story 1' } },
      { type: 'stories.order', by: ADA, storyIds: [story(1), story(2)] },
      { type: 'stories.add', by: ADA, drafts: [] },
    )
    expect([chart.newEvents(), chart.context.storiesVersion]).toEqual([[], 1])
  })

  test('can be voted on in several rounds', () => {
    const chart = table().send(addStories(1, 2), startAbout(1))
    expect(chart.newEvents()).toEqual(['stories_updated', 'stories_updated', 'voting_started'])
    expect(chart.context.round).toMatchObject({
      story: { id: story(1), title: 'Story 1', link: null },
      attempt: 1,
    })
    chart.send(vote(BOB), reveal(), startAbout(1), vote(BOB, '8'), reveal(), {
      type: 'round.accept',
      by: ADA,
      estimate: '8',
    })
    expect(chart.context.round?.attempt).toBe(2)
    expect(chart.context.stories[0]).toMatchObject({ attempts: 2, estimate: '8' })
    expect(chart.newEvents().slice(-2)).toEqual(['stories_updated', 'estimate_accepted'])
    expect(
      revealedRounds(chart.context).map(({ attempt, acceptedEstimate }) => [attempt, acceptedEstimate]),
    ).toEqual([
      [1, null],
      [2, '8'],
    ])
    expect(refused(chart, startAbout(9))).toBe('STORY_NOT_FOUND')
  })

  test('can be created by the round that is about them, if there is room', () => {
    const chart = table().send(startNew(1))
    expect(chart.context.stories).toMatchObject([{ id: story(1), attempts: 1 }])
    expect(chart.context.round?.story?.title).toBe('Story 1')
    const full = table().send(addStories(...Array.from({ length: 200 }, (_, n) => n)))
    expect(refused(full, startNew(200))).toBe('VALIDATION_ERROR')
  })

  test('show in the round as last edited; a deleted one leaves its title', () => {
    const chart = table().send(addStories(1), startAbout(1))
    chart.send({ type: 'stories.patch', by: ADA, storyId: story(1), patch: { title: 'Better' } })
    expect(chart.context.round?.story).toEqual({ id: story(1), title: 'Better', link: null })
    chart.send(vote(BOB), reveal(), start(), reveal(), {
      ...start(),
      story: { id: story(1) },
    } as Untimed)
    chart.send({ type: 'stories.remove', by: ADA, storyId: story(1) })
    expect(chart.context.round?.story).toEqual({ id: null, title: 'Better', link: null })
    expect(chart.context.history[0]?.story).toEqual({ id: null, title: 'Better', link: null })
    chart.send(vote(BOB), reveal(), { type: 'round.accept', by: ADA, estimate: '5' })
    expect(chart.newEvents().at(-1)).toBe('estimate_accepted')
    expect(chart.context.stories).toEqual([])
  })

  test('can be given an estimate only in results', () => {
    const accept = (by = ADA): Untimed => ({ type: 'round.accept', by, estimate: '5' })
    const chart = table()
    expect(refused(chart, accept())).toBe('SESSION_STATE_CONFLICT')
    chart.send(start())
    expect(refused(chart, accept())).toBe('SESSION_STATE_CONFLICT')
    chart.send(reveal())
    expect(refused(chart, accept(BOB))).toBe('UNAUTHORIZED')
    expect(chart.send(accept()).context.round?.acceptedEstimate).toBe('5')
  })
})

describe('the history', () => {
  test('holds the revealed rounds and nothing of an open one', () => {
    const chart = table().send(start(), vote(BOB, '5'), reveal(), start(), start(), vote(CYD, '8'))
    expect(revealedRounds(chart.context)).toHaveLength(1)
    chart.wait(4_000).send(reveal())
    expect(revealedRounds(chart.context)).toMatchObject([
      { votes: [{ userId: BOB, name: BOB, value: '5' }], durationMs: 0 },
      { votes: [{ userId: CYD, value: '8' }], durationMs: 4_000 },
    ])
  })

  test('remembers the names of voters who have left', () => {
    const chart = table().send(start(), vote(BOB), reveal(), { type: 'participant.leave', by: BOB }, start())
    expect(revealedRounds(chart.context)[0]?.votes[0]?.name).toBe(BOB)
  })

  test('keeps nobody’s card from an anonymous round', () => {
    const chart = table({ hasAnonymousVotes: true }).send(start(), vote(BOB, '5'), reveal())
    expect(revealedRounds(chart.context)[0]?.votes).toMatchObject([{ userId: BOB, value: null }])
    chart.send(wish({ hasAnonymousVotes: false }), start())
    expect(JSON.stringify(revealedRounds(chart.context)[0]?.votes)).not.toContain('"5"')
    expect(revealedRounds(chart.context)[0]).toMatchObject({
      isAnonymous: true,
      statistics: { distribution: { 5: 1 } },
    })
  })
})

describe('seats and nudges', () => {
  test('a seat code opens its owner’s seat once', () => {
    const take = (digest: string, by = BOB): Untimed => ({
      type: 'seat.take',
      by,
      digest,
      tokenDigest: TOKEN_DIGEST,
    })
    const chart = table().send({ type: 'seat.offer', by: BOB, digest: 'd' })
    expect(refused(chart, take('x'))).toBe('SEAT_CODE_INVALID')
    expect(refused(chart, take('d', CYD))).toBe('SEAT_CODE_INVALID')
    chart.send(take('d'))
    expect(refused(chart, take('d'))).toBe('SEAT_CODE_INVALID')
    chart.send({ type: 'seat.offer', by: BOB, digest: 'e' }).wait(60_000)
    expect(refused(chart, take('e'))).toBe('SEAT_CODE_INVALID')
    chart.send({ type: 'seat.offer', by: BOB, digest: 'f' }, { type: 'participant.leave', by: BOB })
    expect(chart.context.seatCodes).toEqual([])
    expect(chart.newEvents()).toEqual(['user_left'])
  })

  test('the Scrum Master nudges a voter without a card, once in ten seconds', () => {
    const nudge = (userId: UserId, by = ADA): Untimed => ({ type: 'participant.nudge', by, userId })
    const chart = table()
    expect(refused(chart, nudge(BOB))).toBe('VOTING_ERROR')
    chart.send({ type: 'role.change', by: CYD, userId: CYD, role: 'observer' }, start())
    expect(refused(chart, nudge(BOB, CYD))).toBe('UNAUTHORIZED')
    expect(refused(chart, nudge(ADA))).toBe('VOTING_ERROR')
    expect(refused(chart, nudge(CYD))).toBe('VOTING_ERROR')
    expect(refused(chart, nudge('nobody' as UserId))).toBe('USER_NOT_FOUND')
    chart.newEvents()
    expect(chart.send(nudge(BOB)).newEvents()).toEqual(['user_nudged'])
    chart.wait(9_999)
    expect(refused(chart, nudge(BOB))).toBe('RATE_LIMITED')
    expect(chart.wait(1).send(nudge(BOB)).newEvents()).toEqual(['user_nudged'])
    chart.send(vote(BOB)).wait(MINUTE_MS)
    expect(refused(chart, nudge(BOB))).toBe('VOTING_ERROR')
  })
})
