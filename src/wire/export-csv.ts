import type { PastRound } from '../../machines/session/history.js'
import { type ResultLine, type Results, resultLines } from './export.js'
import { guarded } from './formula-guard.js'
import { splitTitle } from './story-key.js'

/** Contract section 9, "History"; the columns that the import reads come first. */
const COLUMNS = [
  'Key',
  'Title',
  'Link',
  'Notes',
  'Estimate',
  'Attempts',
  'Average',
  'Median',
  'Agreement',
  'Votes',
  'Seconds',
] as const

/** Makes a spreadsheet read the text as UTF-8. */
const BYTE_ORDER_MARK = '\ufeff'

/** The results as a table (RFC 4180), one line at a time; no spreadsheet runs any of its cells. */
export function* csvExport(results: Results): Generator<string> {
  yield BYTE_ORDER_MARK + csvLine(COLUMNS)
  for (const line of resultLines(results)) yield csvLine(cellsOf(line))
}

function cellsOf({ title: full, link, notes, estimate, attempts, round, durationMs }: ResultLine): string[] {
  const { key, title } = splitTitle(full)
  const { average = null, median = null, agreement = null } = round?.statistics ?? {}
  return [
    key,
    title,
    link ?? '',
    notes ?? '',
    estimate ?? '',
    String(attempts),
    String(average ?? ''),
    String(median ?? ''),
    agreement === null ? '' : String(Math.round(agreement * 100) / 100),
    round === null ? '' : votesCell(round),
    round === null ? '' : String(Math.round(durationMs / 1_000)),
  ]
}

function votesCell({ votes, isAnonymous }: PastRound): string {
  if (isAnonymous) return ''
  return votes.map(({ name, value }) => `${name}: ${value}`).join('; ')
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoted(guarded(cell))).join(',')}\r\n`
}

/** Quotes semicolons and tabs too, so that a cell stays one even if a spreadsheet uses those as delimiters. */
function quoted(cell: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
