import type { UserId } from '../../../machines/ids.js'
import type { Round, SessionContext } from '../../../machines/session/context.js'
import { HISTORY_ROUNDS_MAX } from '../../../machines/session/history.js'
import { brokenInvariant } from '../../../machines/session/invariants.js'
import { STORIES_MAX, withStories } from '../../../machines/session/story.js'
import { ADA, BOB, chartIn } from '../../support/chart.js'
import { addStories, draft, REVEAL, start, storyId, tableOf, vote } from '../../support/table.js'

const NOBODY = 'nobody' as UserId

const waiting = () => tableOf().context
const voting = () => tableOf().send(start(), vote(ADA), vote(BOB)).context
const results = () =>
  tableOf().send(start(), vote(ADA), vote(BOB), REVEAL, start(), vote(BOB), REVEAL).context
/** A round that creates its story: two events, the stories' first. */
const withStory = (stories = 1) =>
  tableOf().send(addStories(...Array.from({ length: stories }, (_, n) => n)), start(storyId(0))).context

const onTable = (context: SessionContext, change: Partial<Round>): SessionContext => ({
  ...context,
  round: context.round && { ...context.round, ...change },
})
const times = <Member>(count: number, members: readonly Member[]) =>
  Array.from({ length: count }, () => members).flat()

describe('what must hold in every state', () => {
  test.each([
    ['nothing has been played', waiting],
    ['cards are played', voting],
    ['cards are turned', results],
    ['stories have changed', withStory],
    [
      'a voter has left after the reveal',
      () => chartIn('results').send({ type: 'participant.leave', by: BOB }).context,
    ],
    ['every seat is taken', () => tableOf({}, { participantsMax: 3 }).context],
    ['there are as many stories as allowed', () => withStory(STORIES_MAX)],
    [
      'there is as much history as allowed',
      () => ({ ...results(), history: times(HISTORY_ROUNDS_MAX, results().history) }),
    ],
    [
      'everybody has a code and was nudged',
      () => ({
        ...waiting(),
        seatCodes: times(3, [{ userId: ADA, digest: 'd', expiresAt: 1 }]),
        nudges: times(3, [{ userId: ADA, at: 1 }]),
      }),
    ],
  ])('holds when %s', (_what, context) => {
    expect(brokenInvariant(context())).toBeNull()
  })

  test.each<[string, () => SessionContext]>([
    [
      'a participant is listed twice',
      () => ({ ...waiting(), participants: times(2, waiting().participants) }),
    ],
    [
      'more participants than seats',
      () => ({ ...waiting(), settings: { ...waiting().settings, participantsMax: 2 } }),
    ],
    ['the Scrum Master is not a participant', () => ({ ...waiting(), scrumMasterId: NOBODY })],
    [
      'a hidden vote belongs to nobody in the session',
      () => ({ ...voting(), participants: voting().participants.filter(({ id }) => id !== BOB) }),
    ],
    ['statistics without a reveal, or the reverse', () => onTable(results(), { statistics: null })],
    ['statistics without a reveal, or the reverse', () => onTable(results(), { revealedAt: null })],
    ['a voter has two votes', () => onTable(voting(), { votes: times(2, voting().round?.votes ?? []) })],
    ['a card that is not in the deck', () => onTable(voting(), { deck: { name: null, cards: ['M'] } })],
    [
      'a card that is not in the deck',
      () =>
        onTable(voting(), {
          votes: (voting().round?.votes ?? []).map((cast) =>
            cast.userId === BOB ? { ...cast, value: 'M' } : cast,
          ),
        }),
    ],
    ['a vote without a name', () => onTable(results(), { voterNames: [] })],
    [
      'more stories than there may be',
      () => ({
        ...withStory(STORIES_MAX),
        stories: withStories(withStory(STORIES_MAX).stories, [draft(STORIES_MAX)]),
      }),
    ],
    ['a story is listed twice', () => ({ ...withStory(), stories: times(2, withStory().stories) })],
    [
      'more history than there may be',
      () => ({ ...results(), history: times(HISTORY_ROUNDS_MAX + 1, results().history) }),
    ],
    [
      'a seat code or a nudge of somebody who is not in the session',
      () => ({ ...waiting(), seatCodes: times(4, [{ userId: ADA, digest: 'd', expiresAt: 1 }]) }),
    ],
    [
      'a seat code or a nudge of somebody who is not in the session',
      () => ({ ...waiting(), nudges: times(4, [{ userId: ADA, at: 1 }]) }),
    ],
    ['versions do not rise by one', () => ({ ...withStory(), version: withStory().version + 1 })],
    [
      'versions do not rise by one',
      () => ({
        ...withStory(),
        events: withStory().events.map((event) => ({ ...event, version: withStory().version })),
      }),
    ],
  ])('does not when %s', (broken, context) => {
    expect(brokenInvariant(context())).toBe(broken)
  })

  test('is checked in the stories only when they have changed', () => {
    const next = tableOf().send(addStories(1), start()).context
    expect(next.events.map(({ type }) => type)).toEqual(['voting_started'])
    expect(brokenInvariant({ ...next, stories: times(STORIES_MAX + 1, next.stories) })).toBeNull()
  })
})
