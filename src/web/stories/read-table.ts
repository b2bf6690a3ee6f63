/** What a file or a paste holds, as far as one can tell before the server has read it. */
export type Reading =
  /** A line is a title. */
  | { readonly type: 'lines'; readonly titles: readonly string[] }
  /** A table, as trackers export it; `column` is what its titles stand under. */
  | { readonly type: 'table'; readonly titles: readonly string[]; readonly column: string }

/** What trackers call the column of the titles: Jira, GitHub, Linear, Azure DevOps. */
const TITLE_COLUMNS = ['summary', 'title', 'name', 'subject']

const DELIMITERS = [',', ';', '\t']

/** Reads stories from a text: a table where its first line names a column of titles, else a title a line. */
export function readTable(text: string): Reading {
  const plain = text.replace(/^\ufeff/, '')
  const delimiter = delimiterOf(plain)
  const [header = [], ...rows] = cellsOf(plain, delimiter)
  const names = header.map((name) => name.trim().toLowerCase())
  const index = TITLE_COLUMNS.map((name) => names.indexOf(name)).find((found) => found >= 0)
  if (index !== undefined) {
    const titles = rows.map((row) => (row[index] ?? '').trim()).filter((title) => title !== '')
    return { type: 'table', titles, column: (header[index] ?? '').trim() }
  }
  return { type: 'lines', titles: linesOf(plain) }
}

/** The lines of a text that say something. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function delimiterOf(text: string): string {
  const first = text.slice(0, Math.max(0, text.search(/[\r\n]/)) || text.length)
  const count = (delimiter: string) => first.split(delimiter).length
  return DELIMITERS.reduce((best, one) => (count(one) > count(best) ? one : best))
}

/** Rows of cells (RFC 4180): a quoted cell may hold delimiters, lines, and quotes that are doubled. */
function cellsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = []
  const row: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (isQuoted) {
      if (character !== '"') cell += character
      else if (text.charAt(at + 1) === '"') {
        cell += '"'
        at += 1
      } else isQuoted = false
    } else if (character === '"' && cell === '') isQuoted = true
    else if (character === delimiter || character === '\n') {
      row.push(cell.replace(/\r$/, ''))
      cell = ''
      if (character === '\n') rows.push(row.splice(0))
    } else cell += character
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}
