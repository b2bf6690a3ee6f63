import { type CsvError, type Info, parse } from 'csv-parse/sync'
import { STORIES_MAX, STORY_LIMITS } from '../../machines/session/story.js'
import { type ColumnPlaces, columnPlaces } from './csv-columns.js'
import { unguarded } from './formula-guard.js'
import { estimate, type StoryBody, storyBody } from './stories.js'
import { keyedTitle } from './story-key.js'

/** A line of the file, counted from 1 as in an editor, and what is wrong there. */
export interface RowFault {
  readonly line: number
  readonly message: string
}

/** A story from a file, not yet in a session. */
export type ImportedStory = StoryBody & { readonly estimate: string | null }

export type Import =
  | { readonly stories: readonly ImportedStory[] }
  /** Nothing was imported; faulty rows are listed, at most {@link FAULTS_MAX}. */
  | { readonly faults: readonly RowFault[] }

/** What to do with notes: those that are too long make the row faulty or are cut, or all notes are left out. */
export type NotesRule = 'whole' | 'cut' | 'none'

/** As many faulty rows as a session holds stories, plus the first one too many. */
export const FAULTS_MAX = STORIES_MAX + 1
/** The maximum number of cells and rows that are parsed, including empty ones; each costs more than its bytes. */
const CELLS_MAX = 100_000
const ROWS_MAX = 5 * STORIES_MAX
const DELIMITERS = [',', ';', '\t'] as const
/** The line that tells a spreadsheet which delimiter separates the cells. */
const SEPARATOR_LINE = /^sep=([,;|\t])\n/
/** Invisible characters that word processors leave in texts. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g

interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/**
 * Reads stories from a table as written by Jira, GitHub, Azure DevOps, Linear, a spreadsheet or this server's
 * own export: commas, semicolons or tabs, quoted cells spanning several lines, any line ends. The work is
 * bounded before it is done; `text` is bounded by the size of the request.
 */
export function importStories(text: string, notesRule: NotesRule = 'whole'): Import {
  const table = text.replace(/^\ufeff/, '').replaceAll(/\r\n?/g, '\n')
  const named = SEPARATOR_LINE.exec(table)
  const skippedLines = named === null ? 0 : 1
  const body = table.slice(named?.[0].length ?? 0)
  const delimiters = named?.[1] === undefined ? DELIMITERS : [named[1]]
  if (countOf(body, delimiters) > CELLS_MAX) {
    return { faults: [{ line: 1, message: `has more than ${CELLS_MAX} cells; export fewer columns` }] }
  }
  const head = headOf(body, delimiters)
  if (head === null) return { faults: [{ line: skippedLines + 1, message: NO_TITLE }] }
  const { rows, fault } = rowsOf(body, head.delimiter)
  const stories = rows.slice(1).filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const atLine = ({ line, message }: RowFault) => ({ line: line + skippedLines, message })
  const beyond = stories[STORIES_MAX] ?? rows[ROWS_MAX - 1]
  if (stories.length === 0 && beyond === undefined && fault === null) {
    return { faults: [atLine({ line: rows[0]?.line ?? 1, message: NO_STORY })] }
  }
  const read = stories.slice(0, STORIES_MAX).map((row) => storyIn(row, head.places, notesRule))
  const faults = read.filter((one) => 'message' in one)
  if (beyond !== undefined) faults.push({ line: beyond.line, message: ONE_TOO_MANY })
  else if (fault !== null) faults.push(fault)
  if (faults.length > 0) return { faults: faults.map(atLine) }
  return { stories: read.filter((one) => 'title' in one) }
}

const ONE_TOO_MANY = `is one too many: a session holds at most ${STORIES_MAX} stories`
const NO_STORY = 'names the columns, but no story follows'
const NO_TITLE = 'has no column called Title or Summary; the first line must name the columns'

interface Head {
  readonly delimiter: string
  readonly places: ColumnPlaces
}

/** The delimiter is the one with which the first row has a title column. */
function headOf(body: string, delimiters: readonly string[]): Head | null {
  for (const delimiter of delimiters) {
    const [header] = rowsOf(body, delimiter, 1).rows
    const places = columnPlaces(header?.cells.map(unguarded) ?? [])
    if (places !== null) return { delimiter, places }
  }
  return null
}

/** Up to the maximum number of useful rows, and the first place that is not valid. */
function rowsOf(body: string, delimiter: string, rowsMax = ROWS_MAX) {
  const rows: Row[] = []
  const keep = (cells: string[], { lines }: Info) => {
    const linesWithin = cells.reduce((sum, cell) => sum + countOf(cell, ['\n']), 0)
    rows.push({ line: lines - linesWithin, cells })
    return null
  }
  try {
    parse(body, {
      delimiter,
      record_delimiter: '\n',
      // With tabs as delimiters nobody quotes, so a quotation mark is just a character.
      relax_quotes: delimiter === '\t',
      relax_column_count: true,
      skip_empty_lines: true,
      to: rowsMax,
      on_record: keep,
    })
  } catch (error) {
    if (!isCsvError(error)) throw error
    const last = rows.at(-1)
    const line = last === undefined ? 1 : last.line + linesOf(last)
    return { rows, fault: { line, message: SYNTAX[error.code] ?? 'is not a table row' } }
  }
  return { rows, fault: null }
}

const SYNTAX: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'opens a quotation mark that is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quotation mark; double the marks inside a cell',
  INVALID_OPENING_QUOTE: 'has a quotation mark inside a cell that does not begin with one',
}

function isCsvError(error: unknown): error is CsvError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** A row is a story or faulty, with everything wrong in one sentence. */
function storyIn({ line, cells }: Row, places: ColumnPlaces, notesRule: NotesRule): ImportedStory | RowFault {
  const cellAt = (place: number | null) => unguarded(cells[place ?? -1] ?? '').replaceAll(INVISIBLE, '')
  const optional = (place: number | null) => cellAt(place).trim() || null
  const titles = places.title.map((place) => cellAt(place).replaceAll(/\s+/g, ' ').trim())
  const title = titles.find((text) => text !== '') ?? ''
  if (title === '') return { line, message: 'has no title' }
  const story = storyBody.safeParse({
    title: keyedTitle(cellAt(places.key), title),
    link: optional(places.link),
    notes: notesOf(optional(places.notes), notesRule),
  })
  const agreed = estimate.nullable().safeParse(pointsOf(optional(places.estimate)))
  if (story.success && agreed.success) return { ...story.data, estimate: agreed.data }
  const issues = [...(story.error?.issues ?? []), ...(agreed.error?.issues ?? [])]
  const messages = issues.map((issue) => `${issue.path.join('.') || 'estimate'} ${issue.message}`)
  return { line, message: messages.join('; ') }
}

function notesOf(notes: string | null, rule: NotesRule): string | null {
  if (rule === 'none' || notes === null) return null
  const most = STORY_LIMITS.notesLength
  // Twice as many code units always hold that many characters.
  const characters = [...notes.slice(0, 2 * most + 1)]
  if (rule === 'whole' || characters.length <= most) return notes
  return `${characters
    .slice(0, most - 1)
    .join('')
    .trimEnd()}…`
}

/** Some trackers write whole points as `5.0`. */
function pointsOf(text: string | null): string | null {
  return text === null ? null : text.replace(/^(\d+)[.,]0+$/, '$1')
}

function countOf(text: string, characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + occurrences(text, character), 0)
}

function occurrences(text: string, character: string): number {
  let count = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count += 1
  return count
}

function linesOf({ cells }: Row): number {
  return 1 + cells.reduce((sum, cell) => sum + countOf(cell, ['\n']), 0)
}
