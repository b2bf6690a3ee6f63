import { orderStoriesBody, patchStoryBody, storiesBody } from '../../src/wire/stories.js'

const TITLE = 'Log in'
const ID = '00000000-0000-4000-8000-000000000001'

function issuesOf(body: unknown): string {
  const parsed = storiesBody.safeParse(body)
  return parsed.success ? '' : JSON.stringify(parsed.error.issues)
}

describe('stories as they come in', () => {
  test('may be one or several', () => {
    const story = { title: '  Log\u00a0in ', link: 'https://a.example/x?y#z', notes: ' a\r\nb\rc\t\n' }
    const taken = { title: TITLE, link: 'https://a.example/x?y#z', notes: 'a\nb\nc' }
    expect(storiesBody.parse(story)).toEqual([taken])
    expect(storiesBody.parse({ stories: [story, { title: TITLE }] })).toEqual([taken, { title: TITLE }])
    expect(storiesBody.parse({ title: TITLE, link: null, notes: '' })).toEqual([
      { title: TITLE, link: null, notes: null },
    ])
  })

  test.each([
    ['نظرة عامة על הסיפור'],
    ['<script>alert(1)</script>'],
    ['=HYPERLINK("http://a")'],
    ['x'.repeat(200)],
    ['👩‍👩‍👧‍👦'.repeat(20)],
  ])('may have the title %j', (title) => {
    expect(storiesBody.parse({ title })).toEqual([{ title }])
  })

  test.each([
    [{}, 'title'],
    [{ title: '' }, '1 to 200'],
    [{ title: ' \n ' }, 'title'],
    [{ title: 'x'.repeat(201) }, '1 to 200'],
    [{ title: 'a\u202eb' }, 'invisible characters'],
    [{ title: '\ud800' }, 'must'],
    [{ title: 5 }, 'must be a text'],
    [{ title: TITLE, link: 'http://a.example' }, 'https'],
    [{ title: TITLE, link: 'javascript:alert(1)' }, 'https'],
    [{ title: TITLE, link: 'https://ada:secret@a.example' }, 'https'],
    [{ title: TITLE, link: 'https://' }, 'https'],
    [{ title: TITLE, link: 'https://a b' }, 'https'],
    [{ title: TITLE, link: 'https://a.example/">' }, 'https'],
    [{ title: TITLE, link: `https://a.example/${'x'.repeat(500)}` }, '500'],
    [{ title: TITLE, notes: 'x'.repeat(2_001) }, '2000'],
    [{ title: TITLE, notes: '🙂'.repeat(2_001) }, '2000'],
    [{ title: TITLE, notes: 'a\u0000' }, 'control'],
    [{ title: TITLE, notes: 'a\u202eb' }, 'bidirectional'],
    [{ title: TITLE, notes: `a${'\u0301\u0323'.repeat(20)}` }, 'combining marks'],
    [{ title: TITLE, note: 'misspelt' }, 'note'],
    [{ title: TITLE, estimate: '5' }, 'estimate'],
    [{ stories: [] }, 'must have a story'],
    [{ stories: Array.from({ length: 201 }, () => ({ title: TITLE })) }, 'at most 200 stories'],
    [{ stories: [{ title: TITLE }, { title: TITLE, lnik: 'x' }] }, 'lnik'],
    [{ stories: [{ title: TITLE }], title: TITLE }, 'one story, or a list'],
    [{ stories: [{ title: TITLE }], notes: 'x' }, 'one story, or a list'],
    [[], ''],
    ['a story', ''],
  ])('as %j are refused, with the reason', (body, message) => {
    expect(storiesBody.safeParse(body).success).toBe(false)
    expect(issuesOf(body)).toContain(message)
  })

  test('are patched by naming what changes, with null to remove', () => {
    expect(patchStoryBody.parse({ notes: null })).toEqual({ notes: null })
    expect(patchStoryBody.parse({ title: TITLE, link: 'https://a.example' })).toEqual({
      title: TITLE,
      link: 'https://a.example',
    })
    for (const body of [
      {},
      { title: null },
      { title: '' },
      { titel: TITLE },
      { estimate: '5' },
      { attempts: 0 },
    ]) {
      expect(patchStoryBody.safeParse(body).success).toBe(false)
    }
  })

  test('are ordered by a list of at most 200 ids', () => {
    expect(orderStoriesBody.safeParse({ ids: [ID] }).success).toBe(true)
    for (const ids of [['1'], ID, Array.from({ length: 201 }, () => ID), [null]]) {
      expect(orderStoriesBody.safeParse({ ids }).success).toBe(false)
    }
  })
})
