import type { StoryPatch } from '../../../machines/session/story.js'
import { ADA, BOB, type Chart } from '../../support/chart.js'
import { addStories, eventsOf, REVEAL, start, storyId, tableOf, vote } from '../../support/table.js'

const patch = (n: number, change: StoryPatch) =>
  ({ type: 'stories.patch', by: ADA, storyId: storyId(n), patch: change }) as const
const remove = (n: number) => ({ type: 'stories.remove', by: ADA, storyId: storyId(n) }) as const
const order = (...numbers: number[]) =>
  ({ type: 'stories.order', by: ADA, storyIds: numbers.map(storyId) }) as const

/** A table with three stories, whose events have been read. */
function withStories(): Chart {
  const chart = tableOf().send(addStories(1, 2, 3))
  chart.newEvents()
  return chart
}

describe('a change to the stories tells what changed, and raises their version', () => {
  const NOTHING = { added: [], changed: [], removed: [], isReordered: false }

  test.each([
    ['new ones', addStories(4, 5), { added: [storyId(4), storyId(5)] }, [1, 2, 3, 4, 5]],
    ['another title', patch(2, { title: 'Better' }), { changed: [storyId(2)] }, [1, 2, 3]],
    ['a link', patch(2, { link: 'https://example.com/2' }), { changed: [storyId(2)] }, [1, 2, 3]],
    ['notes', patch(2, { notes: 'Mind the gap' }), { changed: [storyId(2)] }, [1, 2, 3]],
    ['one less', remove(2), { removed: [storyId(2)] }, [1, 3]],
    ['another order', order(3, 1, 2), { isReordered: true }, [3, 1, 2]],
    ['another order of some', order(1, 3, 2), { isReordered: true }, [1, 3, 2]],
  ])('%s', (_what, command, change, left) => {
    const chart = withStories().send(command)
    expect(eventsOf(chart)).toEqual([
      { version: expect.any(Number), at: 0, type: 'stories_updated', ...NOTHING, ...change },
    ])
    expect(chart.context.storiesVersion).toBe(2)
    expect(chart.context.stories.map(({ id }) => id)).toEqual(left.map(storyId))
  })

  test.each([
    ['no new story', addStories()],
    ['the same title', patch(2, { title: 'Story 2' })],
    ['nothing at all', patch(2, {})],
    ['the same order', order(1, 2, 3)],
  ])('unless it is %s', (_what, command) => {
    const chart = withStories().send(command)
    expect(chart.newEvents()).toEqual([])
    expect(chart.context.storiesVersion).toBe(1)
  })

  test('affects one story and no other', () => {
    const chart = withStories().send(
      patch(2, { title: 'Better', notes: 'Why' }),
      patch(1, { title: 'First' }),
    )
    expect(chart.context.stories.map(({ title, notes }) => [title, notes])).toEqual([
      ['First', null],
      ['Better', 'Why'],
      ['Story 3', null],
    ])
  })
})

describe('the round on the table', () => {
  test('shows its story as it now is', () => {
    const chart = withStories().send(start(storyId(2)))
    chart.send(patch(1, { title: 'Another' }), patch(2, { title: 'Better', link: 'https://example.com/2' }))
    expect(chart.context.round?.story).toEqual({
      id: storyId(2),
      title: 'Better',
      link: 'https://example.com/2',
    })
  })

  test('keeps the text of a story that is gone, unaffected by later changes', () => {
    const chart = withStories().send(start(storyId(2)), remove(2), addStories(4))
    expect(chart.context.round?.story).toEqual({ id: null, title: 'Story 2', link: null })
  })

  test('about none stays about none', () => {
    const chart = withStories().send(start(), patch(1, { title: 'Another' }))
    expect(chart.context.round?.story).toBeNull()
  })

  test('and earlier rounds lose the id of a story that is gone, and of no other', () => {
    const chart = withStories()
    for (const n of [1, 2]) chart.send(start(storyId(n)), vote(BOB), REVEAL)
    chart.send(start(), remove(1))
    expect(chart.context.history.map(({ story }) => story)).toEqual([
      { id: null, title: 'Story 1', link: null },
      { id: storyId(2), title: 'Story 2', link: null },
    ])
  })
})
