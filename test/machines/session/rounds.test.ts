import { castVote, completeRound, revealedRounds } from '../../../machines/session/rounds.js'
import { ADA, BOB, Chart, CYD, ROUND, SETTINGS } from '../../support/chart.js'
import {
  accept,
  addStories,
  draft,
  eventsOf,
  REVEAL,
  start,
  storyId,
  tableOf,
  vote,
} from '../../support/table.js'

const START_MS = 7_000

/** A table where a round was started after some time, with a card of Bob's. */
function voting(revealMs = 0): Chart {
  const chart = tableOf({}, { revealMs })
    .wait(START_MS)
    .send({ type: 'round.start', by: ADA, roundId: ROUND }, vote(BOB))
  chart.newEvents()
  return chart
}

describe('a round', () => {
  test('begins with an empty table', () => {
    const chart = tableOf().wait(START_MS).send({ type: 'round.start', by: ADA, roundId: ROUND })
    expect(chart.context.round).toEqual({
      id: ROUND,
      startedAt: START_MS,
      deck: chart.context.rules.deck,
      isAnonymous: false,
      story: null,
      attempt: 1,
      votes: [],
      isTimeUp: false,
      revealedAt: null,
      voterNames: [],
      statistics: null,
      acceptedEstimate: null,
    })
  })

  test('has one card per voter: another replaces their own, in its place, and nobody else’s', () => {
    const chart = voting().send(vote(CYD, '8'))
    chart.wait(1_000).send(vote(CYD, '13'), vote(BOB, '3'))
    expect(chart.context.round?.votes).toEqual([
      { userId: BOB, value: '3', submittedAt: START_MS + 1_000 },
      { userId: CYD, value: '13', submittedAt: START_MS + 1_000 },
    ])
  })

  test('loses a withdrawn card, and no other', () => {
    const chart = voting().send(vote(CYD, '8'), { type: 'vote.withdraw', by: BOB })
    expect(chart.context.round?.votes).toEqual([{ userId: CYD, value: '8', submittedAt: START_MS }])
    expect(chart.newEvents()).toEqual(['vote_submitted', 'vote_withdrawn'])
    expect(chart.send({ type: 'vote.withdraw', by: BOB }).newEvents()).toEqual([])
    expect(chart.context.round?.votes).toHaveLength(1)
  })

  test('takes from its start to the reveal, however long the cards turn', () => {
    const chart = voting(SETTINGS.revealMs).wait(20_000).send(REVEAL).wait(SETTINGS.revealMs)
    expect(eventsOf(chart)).toEqual([
      expect.objectContaining({ type: 'votes_revealed', at: START_MS + 20_000 }),
      expect.objectContaining({
        type: 'round_completed',
        at: START_MS + 20_000 + SETTINGS.revealMs,
        durationMs: 20_000,
      }),
    ])
    expect(revealedRounds(chart.context)).toMatchObject([{ startedAt: START_MS, durationMs: 20_000 }])
  })

  test('goes on to its results in the same step as the reveal where cards turn in no time', () => {
    const chart = voting(0).send(REVEAL)
    expect(chart.newSteps().map(({ events }) => events.map(({ type }) => type))).toEqual([
      ['votes_revealed', 'round_completed'],
    ])
  })

  test('says at the right time that its time is up', () => {
    const chart = tableOf({ roundMs: 60_000 }).wait(START_MS).send(start()).wait(100_000)
    expect(eventsOf(chart)).toMatchObject([
      { type: 'voting_started' },
      { type: 'round_timer_ended', at: START_MS + 60_000 },
    ])
  })

  test('is required by whatever concerns one', () => {
    const { context } = new Chart()
    expect(() => completeRound(context)).toThrow('no round on the table')
    expect(() => castVote(context, { type: 'vote.cast', at: 0, by: ADA, value: '5' })).toThrow('no round')
  })
})

describe('a card that is changed after the reveal', () => {
  test('replaces only its voter’s; the same card again changes nothing', () => {
    const chart = tableOf({ allowsVoteAfterReveal: true }).send(
      start(),
      vote(BOB, '5'),
      vote(CYD, '8'),
      REVEAL,
    )
    chart.newEvents()
    expect(chart.send(vote(CYD, '8')).newEvents()).toEqual([])
    expect(chart.send(vote(CYD, '5')).newEvents()).toEqual(['vote_changed'])
    expect(chart.context.round?.votes.map(({ value }) => value)).toEqual(['5', '5'])
    expect(chart.context.round?.statistics).toMatchObject({ consensus: true, totalVotes: 2 })
  })
})

describe('the story of a round', () => {
  test('goes to the end of the list with one attempt if it is new, and everybody is told', () => {
    const chart = tableOf().send(addStories(1))
    chart.newEvents()
    chart.send({ type: 'round.start', by: ADA, roundId: ROUND, story: { draft: draft(2) } })
    expect(chart.context.stories.map(({ id, attempts }) => [id, attempts])).toEqual([
      [storyId(1), 0],
      [storyId(2), 1],
    ])
    expect(eventsOf(chart)).toMatchObject([
      { type: 'stories_updated', added: [storyId(2)], changed: [], removed: [], isReordered: false },
      { type: 'voting_started' },
    ])
  })

  test('counts one more attempt if it is in the list, and the others none', () => {
    const chart = tableOf().send(addStories(1, 2))
    chart.newEvents()
    chart.send(start(storyId(2)))
    expect(chart.context.stories.map(({ id, attempts }) => [id, attempts])).toEqual([
      [storyId(1), 0],
      [storyId(2), 1],
    ])
    expect(eventsOf(chart)).toMatchObject([
      { type: 'stories_updated', added: [], changed: [storyId(2)] },
      { type: 'voting_started' },
    ])
  })

  test('takes the accepted estimate, and is announced only if that is news', () => {
    const chart = tableOf().send(addStories(1, 2), start(storyId(1)), vote(BOB), REVEAL)
    chart.newEvents()
    chart.send(accept('5'))
    expect(chart.context.stories.map(({ estimate }) => estimate)).toEqual(['5', null])
    expect(eventsOf(chart)).toMatchObject([
      { type: 'stories_updated', changed: [storyId(1)] },
      { type: 'estimate_accepted', storyId: storyId(1), estimate: '5' },
    ])
    expect(chart.send(accept('5')).newEvents()).toEqual(['estimate_accepted'])
    expect(chart.send(accept('8')).newEvents()).toEqual(['stories_updated', 'estimate_accepted'])
  })

  test('is not taken from the list where the round is about none', () => {
    const chart = tableOf().send(addStories(1), start(), vote(BOB), REVEAL)
    chart.newEvents()
    chart.send(accept('5'))
    expect(eventsOf(chart)).toMatchObject([{ type: 'estimate_accepted', storyId: null, estimate: '5' }])
    expect(chart.context.stories).toMatchObject([{ estimate: null }])
    expect(revealedRounds(chart.context)).toMatchObject([{ acceptedEstimate: '5', story: null }])
  })
})
