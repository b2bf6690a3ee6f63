import { readTable } from '../../src/web/stories/read-table.js'
import { importStories } from '../../src/wire/csv-import.js'

/** Why: what the page shows of a file before the import must be what the server then makes of it. */
describe('the preview of a file has the titles that the server imports', () => {
  test.each([
    [
      'Jira',
      'Summary,Sprint,Sprint,Description\r\nPay with a card,41,42,"As a customer,\r\nI want ""it""."\r\nRefund,,,\r\n',
    ],
    ['GitHub, by tabs', 'Title\tURL\nShow 5" screens\thttps://a.example/7\n"Quoted" title\t\n'],
    ['Azure DevOps, a tree', 'Work Item Type,Title 1,Title 2\nEpic,Shop,\nUser Story,,Pay with a card\n'],
    ['Linear', '"ID","Title","Estimate"\n"","Pay with a card","3"\n'],
    ['a spreadsheet, by semicolons', '\ufeffStory;Points\nPay, with a card;3\n'],
    ['a spreadsheet that names its separator', 'sep=;\nissue;size\nPay with a card;3\n'],
    ['two columns for the title', 'Name,Title\nAda,Pay with a card\n'],
  ])('%s', (_which, text) => {
    const imported = importStories(text)
    if ('faults' in imported) throw new Error(JSON.stringify(imported.faults))
    expect(readTable(text)).toMatchObject({
      type: 'table',
      titles: imported.stories.map(({ title }) => title),
    })
  })

  test.each(['Pay with a card\nRefund', 'When, and how\nRefund; later', '', '\n\n'])(
    'sees no table where the server sees none: %j',
    (text) => {
      expect(importStories(text)).toHaveProperty('faults')
      expect(readTable(text).type).toBe('lines')
    },
  )
})
