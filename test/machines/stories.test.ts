import fc from 'fast-check'
import { namedDeck } from '../../machines/deck.js'
import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import {
  type ArchivedRound,
  HISTORY_ROUNDS_MAX,
  pastRound,
  type RevealedRound,
  withoutStoryId,
  withRound,
} from '../../machines/session/history.js'
import { statisticsOf } from '../../machines/session/statistics.js'
import {
  addRefusal,
  isChangedBy,
  orderRefusal,
  orderStories,
  patchRefusal,
  patchStory,
  STORIES_MAX,
  STORIES_TEXT_LENGTH_MAX,
  type Story,
  storyRefusal,
  withoutStory,
  withStories,
} from '../../machines/session/story.js'

const id = (n: number) => `story ${n}` as StoryId
const draft = (n: number, members: Partial<Story> = {}) => ({
  id: id(n),
  title: `Story ${n}`,
  link: null,
  notes: null,
  estimate: null,
  ...members,
})
const storiesFrom = (...numbers: number[]) =>
  withStories(
    [],
    numbers.map((n) => draft(n)),
  )
const idsOf = (stories: readonly Story[]) => stories.map((story) => story.id)

describe('a list of stories', () => {
  test('grows at its end, in the order given', () => {
    expect(idsOf(withStories(storiesFrom(1), [draft(2), draft(3)]))).toEqual([id(1), id(2), id(3)])
    expect(storiesFrom(1)[0]).toMatchObject({ attempts: 0, estimate: null })
  })

  test('holds 200 stories and not one more', () => {
    const full = Array.from({ length: STORIES_MAX }, (_, n) => draft(n))
    expect(addRefusal([], full)).toBeNull()
    expect(addRefusal(withStories([], full), [draft(200)])).toMatchObject({
      code: 'VALIDATION_ERROR',
      facts: { stories: 200, storiesMax: 200, faults: [{ path: 'stories' }] },
    })
  })

  test('has a limit on all its texts together, which edits must keep too', () => {
    const long = draft(1, { notes: 'n'.repeat(STORIES_TEXT_LENGTH_MAX - 100) })
    expect(addRefusal([], [long])).toBeNull()
    expect(addRefusal(withStories([], [long]), [draft(2, { notes: 'n'.repeat(100) })])?.code).toBe(
      'VALIDATION_ERROR',
    )
    const stories = withStories([], [long, draft(2)])
    expect(patchRefusal(stories, id(2), { notes: 'n'.repeat(100) })?.code).toBe('VALIDATION_ERROR')
    expect(patchRefusal(stories, id(1), { notes: 'n' })).toBeNull()
  })

  test.each(['title', 'link', 'notes'] as const)(
    'has that limit to the character, and counts the %s',
    (member) => {
      const place = STORIES_TEXT_LENGTH_MAX - 'Story 1'.length - 'Story 2'.length
      const others = member === 'title' ? 'Story 2'.length : 0
      const long = (length: number) => draft(2, { [member]: 'x'.repeat(length + others) })
      expect(addRefusal(storiesFrom(1), [long(place)])).toBeNull()
      expect(addRefusal(storiesFrom(1), [long(place + 1)])?.code).toBe('VALIDATION_ERROR')
      const full = withStories(storiesFrom(1), [long(place)])
      expect(patchRefusal(full, id(2), { [member]: 'y'.repeat(place + others) })).toBeNull()
      expect(patchRefusal(full, id(1), { title: 'Story 10' })?.code).toBe('VALIDATION_ERROR')
    },
  )

  test('takes two editors at once: neither undoes what the other changed', () => {
    const both = [{ title: 'New title' }, { notes: 'New notes' }]
    const one = both.reduce((stories, patch) => patchStory(stories, id(1), patch), storiesFrom(1, 2))
    const other = both
      .reverse()
      .reduce((stories, patch) => patchStory(stories, id(1), patch), storiesFrom(1, 2))
    expect(one).toEqual(other)
    expect(one[0]).toMatchObject({ title: 'New title', notes: 'New notes' })
    expect(one[1]).toBe(other[1] && one[1])
  })

  test('tells the editor of a story that somebody else has deleted it', () => {
    const stories = withoutStory(storiesFrom(1, 2), id(1))
    const gone = { code: 'STORY_NOT_FOUND', facts: { storyId: id(1) } }
    expect(patchRefusal(stories, id(1), { title: 'x' })).toMatchObject(gone)
    expect(storyRefusal(stories, id(1))).toMatchObject(gone)
    expect(storyRefusal(stories, id(2))).toBeNull()
  })

  test('recognizes a patch that changes nothing', () => {
    const [story] = storiesFrom(1) as [Story]
    expect(isChangedBy(story, { title: 'Story 1', link: null })).toBe(false)
    expect(isChangedBy(story, { notes: 'x' })).toBe(true)
  })

  test.each([
    ['misses', [1, 2], { missing: [id(3)], unknown: [], repeated: [] }],
    ['repeats', [1, 2, 3, 3], { missing: [], unknown: [], repeated: [id(3)] }],
    ['invents', [1, 2, 3, 4], { missing: [], unknown: [id(4)], repeated: [] }],
    ['does all of it', [1, 1, 4], { missing: [id(2), id(3)], unknown: [id(4)], repeated: [id(1)] }],
    ['says nothing', [], { missing: [id(1), id(2), id(3)] }],
  ])('refuses an order that %s', (_what, numbers, facts) => {
    expect(orderRefusal(storiesFrom(1, 2, 3), numbers.map(id))).toMatchObject({
      code: 'VALIDATION_ERROR',
      facts,
    })
  })

  test('keeps every story, whatever the order', () => {
    const orders = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 })
    fc.assert(
      fc.property(orders, (numbers) => {
        const stories = storiesFrom(1, 2, 3, 4, 5)
        expect(orderRefusal(stories, numbers.map(id))).toBeNull()
        const ordered = orderStories(stories, numbers.map(id))
        expect(idsOf(ordered)).toEqual(numbers.map(id))
        expect(new Set(ordered)).toEqual(new Set(stories))
        expect(orderStories(stories, [id(9), ...numbers.map(id)])).toEqual(ordered)
      }),
    )
  })
})

describe('a history', () => {
  const people = ['bob', 'ada'].map((name) => name as UserId)
  const round = (n: number, members: Partial<RevealedRound> = {}): RevealedRound => ({
    id: `round ${n}` as RoundId,
    deck: namedDeck('magnapp'),
    story: { id: id(n % 3), title: 'As it was', link: null },
    attempt: 1,
    startedAt: n,
    durationMs: 1,
    votes: people.map((userId, place) => ({
      userId,
      name: userId,
      value: place === 0 ? '8' : '5',
      submittedAt: n + place,
    })),
    acceptedEstimate: null,
    isAnonymous: false,
    ...members,
  })

  test('keeps the newest 200 rounds', () => {
    let history: readonly ArchivedRound[] = []
    for (let n = 0; n < HISTORY_ROUNDS_MAX + 5; n += 1) history = withRound(history, round(n))
    expect(history).toHaveLength(HISTORY_ROUNDS_MAX)
    expect([history[0]?.startedAt, history.at(-1)?.startedAt]).toEqual([5, HISTORY_ROUNDS_MAX + 4])
  })

  test('returns a round as it was, whoever voted first, and stores the same people once', () => {
    const history = withRound(withRound([], round(1)), round(2, { votes: [...round(2).votes].reverse() }))
    expect(history[1]?.voters).toBe(history[0]?.voters)
    const { deck, votes, ...rest } = round(1)
    expect(history.map(pastRound)[0]).toEqual({
      ...rest,
      votes: [...votes].reverse(),
      statistics: statisticsOf(['8', '5'], deck),
    })
  })

  test('keeps a round’s people apart if they are others, fewer, or the same under other names', () => {
    const first = withRound([], round(1))
    const { votes } = round(2)
    const rounds = [
      votes.slice(1),
      votes.map((vote) => ({ ...vote, userId: `${vote.userId}!` as UserId })),
      votes.map((vote) => ({ ...vote, name: `${vote.name}!` })),
      votes.map((vote, place) => ({ ...vote, name: place === 0 ? 'Somebody' : vote.name })),
      [...votes, ...votes.map((vote) => ({ ...vote, userId: `${vote.userId}!` as UserId }))],
    ]
    for (const cast of rounds) {
      const past = withRound(first, round(2, { votes: cast })).map(pastRound)[1]
      expect(past?.votes).toEqual([...cast].sort((one, other) => (one.userId < other.userId ? -1 : 1)))
    }
  })

  test('keeps the result of an anonymous round, but no order that tells whose card is whose', () => {
    const [one, other] = [
      ['8', '5'],
      ['5', '8'],
    ].map((cards) => {
      const votes = round(1).votes.map((vote, place) => ({ ...vote, value: cards[place] ?? '1' }))
      return withRound([], round(1, { isAnonymous: true, votes }))
    })
    expect(JSON.stringify(one)).toBe(JSON.stringify(other))
    expect(one?.map(pastRound)[0]).toMatchObject({
      votes: [{ value: null }, { value: null }],
      statistics: { average: 6.5, distribution: { 5: 1, 8: 1 } },
    })
  })

  test('keeps the text of a deleted story, but not its id', () => {
    const history = withoutStoryId(
      [0, 1].reduce<readonly ArchivedRound[]>((all, n) => withRound(all, round(n)), []),
      id(1),
    )
    expect(history.map(({ story }) => story)).toEqual([
      { id: id(0), title: 'As it was', link: null },
      { id: null, title: 'As it was', link: null },
    ])
  })
})
