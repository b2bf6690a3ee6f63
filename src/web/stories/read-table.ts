import { columnPlaces } from '../../wire/csv-columns.js'

/** What a file or pasted text contains, as far as can be told before the server has read it. */
export type Reading =
  /** One title per line. */
  | { readonly type: 'lines'; readonly titles: readonly string[] }
  /** A table exported from a tracker; `column` is the name of its title column. */
  | { readonly type: 'table'; readonly titles: readonly string[]; readonly column: string }

const DELIMITERS = [',', ';', '\t']
/** The line that tells a spreadsheet which delimiter separates the cells. */
const SEPARATOR_LINE = /^sep=([,;|\t])\n/

/**
 * Reads stories from a text: a table if its first line names a title column, as on the server, otherwise one
 * title per line.
 */
export function readTable(text: string): Reading {
  const plain = text.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n')
  const [separatorLine = '', separator] = SEPARATOR_LINE.exec(plain) ?? []
  const body = plain.slice(separatorLine.length)
  for (const delimiter of separator === undefined ? DELIMITERS : [separator]) {
    const [header = [], ...rows] = cellsOf(body, delimiter)
    const places = columnPlaces(header)
    if (places === null) continue
    const titles = rows.map((row) => firstOf(places.title.map((place) => row[place])))
    return {
      type: 'table',
      titles: titles.filter((title) => title !== ''),
      column: firstOf(places.title.map((place) => header[place])),
    }
  }
  return { type: 'lines', titles: linesOf(plain) }
}

/** The non-empty lines of a text. */
export function linesOf(text: string): string[] {
  return text
    .split(/\r\n?|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** The first non-empty cell. */
function firstOf(cells: readonly (string | undefined)[]): string {
  return cells.map((cell) => (cell ?? '').trim()).find((cell) => cell !== '') ?? ''
}

/**
 * Rows of cells (RFC 4180): a quoted cell may contain delimiters, line breaks, and doubled quotes. With tabs
 * as delimiters nobody quotes. Only for the preview: the server's parser would be 13 of the page's 60 KB.
 */
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
    } else if (character === '"' && cell === '' && delimiter !== '\t') isQuoted = true
    else if (character === delimiter || character === '\n') {
      row.push(cell)
      cell = ''
      if (character === '\n') rows.push(row.splice(0))
    } else cell += character
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}
