import { openTable } from '../../wire/csv-table.js'

/** What a file or pasted text contains, as far as can be told before the server has read it. */
export type Reading =
  /** One title per line. */
  | { readonly type: 'lines'; readonly titles: readonly string[] }
  /** A table exported from a tracker; `column` is the name of its title column. */
  | { readonly type: 'table'; readonly titles: readonly string[]; readonly column: string }

/**
 * Reads stories from a text: a table if its first line names a title column, as on the server, otherwise one
 * title per line.
 */
export function readTable(text: string): Reading {
  const table = openTable(text)
  if ('message' in table) return { type: 'lines', titles: linesOf(text.replace(/^\ufeff/, '')) }
  const { header, places, rows } = table
  const titleOf = (cells: readonly string[]) => firstOf(places.title.map((place) => cells[place]))
  const titles = [...rows].map((row) => ('cells' in row ? titleOf(row.cells) : ''))
  return { type: 'table', titles: titles.filter((title) => title !== ''), column: titleOf(header.cells) }
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
