import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { FAULTS_MAX, type Import, importStories } from '../../src/wire/csv-import.js'
import { COLUMNS_MAX, openTable } from '../../src/wire/csv-table.js'

/** The stories of a file that must be valid. */
function storiesOf(result: Import) {
  if ('faults' in result) throw new Error(JSON.stringify(result.faults))
  return result.stories
}

function faultsOf(result: Import) {
  return 'faults' in result ? result.faults : []
}

const BARE = { link: null, notes: null, estimate: null }

describe('stories as the trackers export them', () => {
  test.each([
    ['5.0', '5'],
    ['13,00', '13'],
    ['1.000', '1.000'],
    ['"1,000"', '1,000'],
    ['0.5', '0.5'],
  ])('points as %s are %s', (cell, estimate) => {
    expect(storiesOf(importStories(`Title;Story Points\nPay;${cell}`))).toMatchObject([{ estimate }])
  })

  test('Jira: repeated columns, a description over several lines, points as 5.0', () => {
    const file = [
      'Summary,Issue key,Issue id,Issue Type,Status,Project key,Sprint,Sprint,Labels,Labels,Description,Custom field (Story Points),Comment,Comment',
      'Pay with a card,SHOP-12,10012,Story,To Do,SHOP,Sprint 41,Sprint 42,pay,web,"As a customer, I want to pay.\r\n\r\n* Visa\r\n* ""Amex""",5.0,"1/Jan/26 9:30;ada;No",',
      'Refund,SHOP-13,10013,Bug,To Do,SHOP,,,,,,,,',
    ].join('\r\n')
    expect(storiesOf(importStories(file))).toEqual([
      {
        title: 'SHOP-12 Pay with a card',
        link: null,
        notes: 'As a customer, I want to pay.\n\n* Visa\n* "Amex"',
        estimate: '5',
      },
      { ...BARE, title: 'SHOP-13 Refund' },
    ])
  })

  test('GitHub: a project view separated by tabs, quotation marks as typed', () => {
    const file =
      'Title\tAssignees\tStatus\tLinked pull requests\tURL\tEstimate\r\n' +
      'Show 5" screens\tada\tTodo\t\thttps://github.com/acme/shop/issues/7\t3\r\n' +
      '"Quoted" title\t\tTodo\t\thttps://github.com/acme/shop/issues/8\t\r\n'
    expect(storiesOf(importStories(file))).toEqual([
      { title: 'Show 5" screens', link: 'https://github.com/acme/shop/issues/7', notes: null, estimate: '3' },
      { ...BARE, title: '"Quoted" title', link: 'https://github.com/acme/shop/issues/8' },
    ])
  })

  test('GitHub: a list of issues by number', () => {
    const file =
      'number,title,state,html_url,body\n7,Dark mode,OPEN,https://github.com/acme/shop/issues/7,"Like, dark"\n'
    expect(storiesOf(importStories(file))).toEqual([
      {
        title: '#7 Dark mode',
        link: 'https://github.com/acme/shop/issues/7',
        notes: 'Like, dark',
        estimate: null,
      },
    ])
  })

  test('Azure DevOps: a byte order mark, every cell quoted', () => {
    const file =
      '\ufeff"ID","Work Item Type","Title","Assigned To","State","Tags","Story Points"\r\n' +
      '"4711","User Story","Sign in","Ada <ada@example.org>","New","","8"\r\n'
    expect(storiesOf(importStories(file))).toEqual([{ ...BARE, title: '#4711 Sign in', estimate: '8' }])
  })

  test('Azure DevOps: a tree, with a title column for each level', () => {
    const file =
      '"ID","Work Item Type","Title 1","Title 2","Title 3","State"\r\n' +
      '"1","Epic","Shop",,,"New"\r\n"2","Feature",,"Cart",,"New"\r\n"3","User Story",,,"Empty the cart","New"\r\n'
    expect(storiesOf(importStories(file)).map(({ title }) => title)).toEqual([
      '#1 Shop',
      '#2 Cart',
      '#3 Empty the cart',
    ])
  })

  test('Linear: its ids, Markdown in the description', () => {
    const file =
      'ID,Team,Title,Description,Status,Estimate,Priority,Project ID,Labels,Created\n' +
      'ENG-123,Engineering,Cache avatars,"## Why\n\n`GET /a` is slow, *very*",Todo,2,High,,"perf, web",2026-01-31\n'
    expect(storiesOf(importStories(file))).toEqual([
      {
        title: 'ENG-123 Cache avatars',
        link: null,
        notes: '## Why\n\n`GET /a` is slow, *very*',
        estimate: '2',
      },
    ])
  })

  test('a spreadsheet from another country: semicolons, and a line that says so', () => {
    const rows = 'Name;Notes\r\nKasse;"a;b"\r\n'
    for (const file of [rows, `sep=;\r\n${rows}`, `\ufeffsep=;\r\n${rows}`]) {
      expect(storiesOf(importStories(file))).toEqual([{ ...BARE, title: 'Kasse', notes: 'a;b' }])
    }
  })

  test('any line endings, empty lines and rows of empty cells', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const file = ['', 'Title,Notes', 'One,', ',', '', ' ,"  "', 'Two,', ''].join(end)
      expect(storiesOf(importStories(file)).map(({ title }) => title)).toEqual(['One', 'Two'])
    }
  })

  test('columns are found whatever their case, spacing and position', () => {
    const file = 'Reporter, STORY  POINTS ,Issue Key, Summary \nada,3,ab-1,First\n'
    expect(storiesOf(importStories(file))).toEqual([{ ...BARE, title: 'ab-1 First', estimate: '3' }])
  })

  test('the invisible characters that word processors leave behind are left out', () => {
    expect(storiesOf(importStories('Title\nsoft\u00adware\u200b\ufeff\n'))).toEqual([
      { ...BARE, title: 'software' },
    ])
  })

  test('a guard against formulas is removed, and nothing else', () => {
    const file = `Title\n'=1+1\n''=1\n'tis the season\n-5 degrees\n`
    expect(storiesOf(importStories(file)).map(({ title }) => title)).toEqual([
      '=1+1',
      "'=1",
      "'tis the season",
      '-5 degrees',
    ])
  })

  test('right-to-left text and markup are text', () => {
    const title = 'افزودن <b>سبد</b> 🛒'
    expect(storiesOf(importStories(`Title\n${title}\n`))[0]?.title).toBe(title)
  })
})

describe('a file with a fault imports nothing, and every fault is reported', () => {
  test('by its line, with everything that is wrong there', () => {
    const file = [
      'Title,Link,Notes,Estimate',
      'Good,,,',
      `${'x'.repeat(201)},http://a.example,,`,
      '"over',
      'two lines",https://a.example,"a',
      'b",far too long',
      ',https://a.example,,',
      'control\u0007,,,',
      `Notes,,${'n'.repeat(2_001)},`,
      'Override\u202e,,,',
    ].join('\n')
    expect(faultsOf(importStories(file))).toEqual([
      {
        line: 3,
        message: 'title must have 1 to 200 characters; link must be an https: address without a password',
      },
      { line: 4, message: 'estimate must have 1 to 8 characters' },
      { line: 7, message: 'has no title' },
      { line: 8, message: expect.stringContaining('title must not contain control') },
      { line: 9, message: 'notes must have 2000 characters at most' },
      { line: 10, message: expect.stringContaining('title must not contain control') },
    ])
  })

  test.each([
    ['a quotation mark that is not closed', 'Title,Notes\nOne,\nTwo,"open\nThree,\n', 3],
    ['text after a closing one', 'Title,Notes\n"One" more,\n', 2],
    ['a quotation mark within a cell', 'Title,Notes\nOne,\nT"wo,\n', 3],
  ])('%s', (_what, file, line) => {
    expect(faultsOf(importStories(file))).toEqual([
      { line, message: expect.stringContaining('quotation mark') },
    ])
  })

  test.each([
    ['', 1],
    ['\n\n', 1],
    ['Ada,Bob\n1,2\n', 1],
    ['{"stories":[]}', 1],
    ['sep=;\nAda;Bob\n', 2],
  ])('without a title in %j', (file, line) => {
    expect(faultsOf(importStories(file))).toEqual([
      { line, message: expect.stringContaining('Title or Summary') },
    ])
  })

  test('one story too many', () => {
    const file = `Title\n${'Story\n'.repeat(201)}`
    expect(faultsOf(importStories(file))).toEqual([
      { line: 202, message: expect.stringContaining('200 stories') },
    ])
    expect(storiesOf(importStories(`Title\n${'Story\n'.repeat(200)}`))).toHaveLength(200)
  })

  test('one story too many does not hide the faults of those before it', () => {
    const file = `Title,Link\n${'Story,ftp://a.example\n'.repeat(300)}`
    const faults = faultsOf(importStories(file))
    expect(faults).toHaveLength(FAULTS_MAX)
    expect(faults.map(({ line }) => line)).toEqual(Array.from({ length: 201 }, (_, n) => n + 2))
    expect(faults[0]?.message).toContain('https')
    expect(faults.at(-1)?.message).toContain('200 stories')
  })

  test('no story at all', () => {
    expect(faultsOf(importStories('\nTitle,Notes\n,\n'))).toEqual([
      { line: 2, message: expect.stringContaining('no story') },
    ])
  })

  test('a story behind too many empty rows is not silently dropped', () => {
    const file = `Title,Notes\n${',\n'.repeat(1_000)}Story,\n`
    expect(faultsOf(importStories(file))).toHaveLength(1)
  })

  test('overlong notes, unless asked to cut notes or leave them out', () => {
    const file = `Title,Notes\nOne,${'🙂'.repeat(2_001)}\nTwo,short\n`
    expect(faultsOf(importStories(file))).toHaveLength(1)
    const [one, two] = storiesOf(importStories(file, 'cut'))
    expect([...(one?.notes ?? '')]).toHaveLength(2_000)
    expect(one?.notes?.endsWith('🙂…')).toBe(true)
    expect(two?.notes).toBe('short')
    const wide = '🙂'.repeat(2_000)
    expect(storiesOf(importStories(`Title,Notes\nOne,${wide}\n`, 'cut'))[0]?.notes).toBe(wide)
    expect(storiesOf(importStories(file, 'none')).map(({ notes }) => notes)).toEqual([null, null])
  })
})

/** How a library reads the rows below the first; `null` where they are not valid. */
function rowsByLibrary(text: string, delimiter: string): string[][] | null {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_quotes: delimiter === '\t',
      relax_column_count: true,
      skip_empty_lines: true,
    }).slice(1)
  } catch {
    return null
  }
}

/** The same as they are read here. */
function rowsHere(text: string): (readonly string[])[] | null {
  const table = openTable(text)
  if ('message' in table) throw new Error(table.message)
  const rows = [...table.rows]
  return rows.some((row) => 'message' in row)
    ? null
    : rows.flatMap((row) => ('cells' in row ? [row.cells] : []))
}

test.each([',', ';', '\t'])('rows separated by %j are those that csv-parse reads', (delimiter) => {
  const pieces = ['"', '""', '\n', '\r\n', '\r', delimiter, ' ', 'x', '"q"', `"q${delimiter}\n"`, '🙂']
  const body = fc.array(fc.constantFrom(...pieces), { maxLength: 20 }).map((all) => all.join(''))
  fc.assert(
    fc.property(body, (rows) => {
      const text = `Title${delimiter}Notes\n${rows}`
      expect(rowsHere(text)).toEqual(rowsByLibrary(text, delimiter))
    }),
    { numRuns: 1_000 },
  )
})

test('a fault below empty lines has its own line', () => {
  expect(faultsOf(importStories('Title\r\n\r\n\r\nT"wo\r\n'))).toMatchObject([{ line: 4 }])
})

describe('what is too much is not read', () => {
  test('columns', () => {
    const file = (columns: number) => `Title${',x'.repeat(columns - 1)}\nOne\n`
    expect(storiesOf(importStories(file(COLUMNS_MAX)))).toHaveLength(1)
    expect(faultsOf(importStories(file(COLUMNS_MAX + 1)))).toEqual([
      { line: 1, message: 'has more than 1000 columns; export fewer' },
    ])
    expect(faultsOf(importStories(`Title\nOne\nTwo${',x'.repeat(COLUMNS_MAX)}\n`))).toMatchObject([
      { line: 3 },
    ])
  })

  test('cells', () => {
    const file = `Title\n${`One${',x'.repeat(999)}\n`.repeat(101)}`
    expect(faultsOf(importStories(file))).toEqual([
      { line: 1, message: 'has more than 100000 cells; export fewer columns' },
    ])
  })

  test('rows behind the first one too many', () => {
    const file = `Title\n${'Story\n'.repeat(201)}"not closed`
    expect(faultsOf(importStories(file))).toEqual([
      { line: 202, message: expect.stringContaining('one too many') },
    ])
  })
})

/** Why: a slice of a text keeps all of it. */
test('stories do not keep the table in memory that they were read from', () => {
  const before = heapUsed()
  const kept = Array.from({ length: 40 }, (_, n) => {
    const story = `Payment-by-card,https://a.example/payment,one-word-of-notes`
    return storiesOf(importStories(`Title,Link,Notes,Other\n${story},${String(n).repeat(100_000)}\n`))
  })
  expect(heapUsed() - before).toBeLessThan(2_000_000)
  expect(kept.flat()).toHaveLength(40)
})

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
