import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import type { RoundId, SessionId, StoryId, UserId } from '../../machines/ids.js'
import type { PastRound } from '../../machines/session/history.js'
import { statisticsOf } from '../../machines/session/statistics.js'
import type { Story } from '../../machines/session/story.js'
import { importStories } from '../../src/wire/csv-import.js'
import { exportFileName, type Results } from '../../src/wire/export.js'
import { csvExport } from '../../src/wire/export-csv.js'
import { jsonExport } from '../../src/wire/export-json.js'
import { markdownExport } from '../../src/wire/export-markdown.js'
import { guarded, unguarded } from '../../src/wire/formula-guard.js'
import { historyView } from '../../src/wire/history.js'
import { storiesBody, storiesView } from '../../src/wire/stories.js'
import { keyedTitle, splitTitle } from '../../src/wire/story-key.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

function story(n: number, members: Partial<Story> = {}): Story {
  const id = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}` as StoryId
  return { id, title: `Story ${n}`, link: null, notes: null, estimate: null, attempts: 0, ...members }
}

function round(n: number, cards: readonly string[], members: Partial<PastRound> = {}): PastRound {
  return {
    id: `10000000-0000-4000-8000-${String(n).padStart(12, '0')}` as RoundId,
    story: null,
    attempt: 1,
    startedAt: START,
    durationMs: 30_000,
    votes: cards.map((value, index) => ({
      userId: `20000000-0000-4000-8000-${String(index).padStart(12, '0')}` as UserId,
      name: ['Ada', 'Bob', 'Cem'][index] ?? `Voter ${index}`,
      value,
      submittedAt: START + 1_000 * index,
    })),
    statistics: statisticsOf(cards),
    acceptedEstimate: null,
    isAnonymous: false,
    ...members,
  }
}

const about = ({ id, title, link }: Story) => ({ id, title, link })

const PASSKEY = story(1, {
  title: 'SHOP-12 Log in with a passkey',
  link: 'https://tracker.example/SHOP-12',
  notes: 'As a customer,\nI want no password.',
  estimate: '5',
  attempts: 2,
})
const REFUND = story(2, { title: 'Refund' })

const RESULTS: Results = {
  id: '30000000-0000-4000-8000-000000000000' as SessionId,
  name: 'Sprint 42',
  stories: [PASSKEY, REFUND],
  rounds: [
    round(1, ['5', '8', '13'], { story: about(PASSKEY) }),
    round(2, ['3', '5'], { acceptedEstimate: '3' }),
    round(3, ['5', '5', '3'], {
      story: about(PASSKEY),
      attempt: 2,
      acceptedEstimate: '5',
      durationMs: 40_400,
    }),
    round(4, ['8'], { story: { id: null, title: 'Gone', link: null } }),
  ],
}

const text = (parts: Iterable<string>) => [...parts].join('')

describe('a CSV export', () => {
  test('has a line per story, with its newest round, then the rounds without a story', () => {
    expect(text(csvExport(RESULTS)).split('\r\n')).toEqual([
      '\ufeffKey,Title,Link,Notes,Estimate,Attempts,Average,Median,Agreement,Votes,Seconds',
      'SHOP-12,Log in with a passkey,https://tracker.example/SHOP-12,"As a customer,\nI want no password.",5,2,4.33,5,0.67,"Ada: 5; Bob: 5; Cem: 3",70',
      ',Refund,,,,0,,,,,',
      ',Round 2,,,3,1,4,4,0.5,"Ada: 3; Bob: 5",30',
      ',Gone,,,,1,8,8,1,Ada: 8,30',
      '',
    ])
  })

  test('gives the result of an anonymous round, but nobody’s card', () => {
    const hidden = round(1, ['5', '8'], { isAnonymous: true })
    const masked = { ...hidden, votes: hidden.votes.map((vote) => ({ ...vote, value: null })) }
    const results = { ...RESULTS, stories: [], rounds: [masked] }
    expect(text(csvExport(results)).split('\r\n')[1]).toBe(',Round 1,,,,1,6.5,6.5,0.5,,30')
    expect(text(markdownExport(results))).toContain('| 1 × 5, 1 × 8 |')
    for (const whole of [
      text(jsonExport(results)),
      text(csvExport(results)),
      text(markdownExport(results)),
    ]) {
      expect(whole).not.toMatch(/Ada: 5|Ada 5|"value":"/)
    }
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1', "'=1"])(
    'keeps spreadsheets from running %j',
    (cell) => {
      expect(guarded(cell)).toBe(`'${cell}`)
      expect(unguarded(guarded(cell))).toBe(cell)
    },
  )

  test('keeps names that are formulas from running, too', () => {
    const evil = round(1, ['5'])
    const rounds = [{ ...evil, votes: evil.votes.map((vote) => ({ ...vote, name: '=cmd|calc' })) }]
    expect(text(csvExport({ ...RESULTS, stories: [], rounds }))).toContain("'=cmd|calc: 5")
  })

  test('has no cell that begins like a formula, and imports as the same stories', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 8 }),
      fc.constantFrom('=', '+', '-', '@', "'", '"', ',', ';', '\n', '#12 ', 'AB-1 ', '\t', ' '),
    )
    const free = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    const draft = fc.record({
      title: free,
      notes: fc.option(free),
      link: fc.constantFrom(null, 'https://a.example/?q=1,2;3'),
    })
    fc.assert(
      fc.property(fc.array(draft, { minLength: 1, maxLength: 5 }), (drafts) => {
        const valid = drafts.flatMap((one) => {
          const parsed = storiesBody.safeParse(one)
          return parsed.success ? parsed.data : []
        })
        fc.pre(valid.length > 0)
        const stories = valid.map(({ title, link, notes }, index) =>
          story(index, {
            title,
            link: link ?? null,
            notes: notes ?? null,
            estimate: index % 2 === 0 ? '½' : null,
          }),
        )
        const file = text(csvExport({ ...RESULTS, stories, rounds: [] }))
        for (const cell of parse(file, { bom: true }).flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/)
        expect(importStories(file)).toEqual({
          stories: stories.map(({ title, link, notes, estimate }) => ({ title, link, notes, estimate })),
        })
      }),
      { numRuns: 1_000 },
    )
  })

  test('has keys in a column of their own, which the import puts before the title', () => {
    expect(keyedTitle('SHOP-12', 'Refund')).toBe('SHOP-12 Refund')
    expect(keyedTitle('12', 'Refund')).toBe('#12 Refund')
    expect(keyedTitle('SHOP-12', 'SHOP-12 Refund')).toBe('SHOP-12 Refund')
    expect(keyedTitle('b1f2c3d4-0000-4000-8000-000000000000', 'Refund')).toBe('Refund')
    expect(splitTitle('#12 Refund')).toEqual({ key: '#12', title: 'Refund' })
    expect(splitTitle('12 Angry Men')).toEqual({ key: '', title: '12 Angry Men' })
  })
})

describe('a Markdown export', () => {
  test('reads well', () => {
    expect(text(markdownExport(RESULTS))).toBe(`# Sprint 42

1 of 2 stories estimated, 4 rounds, 2 minutes.

| Story | Estimate | Average | Agreement | Votes |
|---|---|---|---|---|
| [SHOP-12 Log in with a passkey](<https://tracker.example/SHOP-12>) | **5** | 4.33 | 67 % | Ada 5, Bob 5, Cem 3 |
| Refund | – | – | – | – |
| Round 2 | **3** | 4 | 50 % | Ada 3, Bob 5 |
| Gone | – | 8 | 100 % | Ada 8 |

## Notes

### SHOP-12 Log in with a passkey

> As a customer,
> I want no password.
`)
  })

  test('lets nothing become markup, break the table or mention anybody', () => {
    const title = '<img src=x> | **bold** [a](http://b) `c` @everyone \\ &amp;'
    const whole = text(
      markdownExport({ ...RESULTS, stories: [story(1, { title, notes: '# Not a heading' })] }),
    )
    expect(whole).toContain(
      '| &lt;img src=x\\> \\| \\*\\*bold\\*\\* \\[a\\](http://b) \\`c\\` @\u2060everyone \\\\ &amp;amp; |',
    )
    expect(whole).toContain('> \\# Not a heading')
  })

  test('says so when there are no stories and rounds', () => {
    expect(text(markdownExport({ ...RESULTS, stories: [], rounds: [] }))).toBe('# Sprint 42\n\n0 rounds.\n')
  })
})

test('a JSON export has the shapes of the API', () => {
  const { session, people, stories, rounds } = JSON.parse(text(jsonExport(RESULTS)))
  expect(session).toEqual({ id: RESULTS.id, name: 'Sprint 42' })
  expect(Object.values(people)).toEqual(['Ada', 'Bob', 'Cem'])
  expect(storiesView.parse({ stories, stories_version: 0 }).stories).toHaveLength(2)
  expect(historyView.parse({ rounds }).rounds.map((one) => one.story?.title ?? null)).toEqual([
    'SHOP-12 Log in with a passkey',
    null,
    'SHOP-12 Log in with a passkey',
    'Gone',
  ])
})

test('an export comes in small pieces, however long it is', () => {
  const stories = Array.from({ length: 200 }, (_, n) => story(n, { notes: 'n'.repeat(2_000) }))
  for (const parts of [csvExport, jsonExport, markdownExport].map((format) => [
    ...format({ ...RESULTS, stories }),
  ])) {
    expect(parts.length).toBeGreaterThan(200)
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(5_000)
  }
})

test.each([
  ['Sprint 42', 'Sprint 42.csv'],
  ['../../etc/passwd', 'etc-passwd.csv'],
  ['  a/b:c  ', 'a-b-c.csv'],
  ['...', 'results.csv'],
  ['تخطيط', 'تخطيط.csv'],
  ['x'.repeat(100), `${'x'.repeat(80)}.csv`],
])('an export of %j is saved as %j', (name, file) => {
  expect(exportFileName(name, 'csv')).toBe(file)
})
