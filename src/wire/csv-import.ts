import { STORIES_MAX, STORY_LIMITS } from '../../machines/session/story.js'
import type { ColumnPlaces } from './csv-columns.js'
import { openTable, type Row, type RowFault, type Table } from './csv-table.js'
import { unguarded } from './formula-guard.js'
import { nameUnitsMax } from './personal-text.js'
import { estimate, type StoryBody, storyBody } from './stories.js'
import { keyedTitle } from './story-key.js'

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
/** The maximum number of cells and rows that are read, including empty ones; each costs more than its bytes. */
const CELLS_MAX = 100_000
const ROWS_MAX = 5 * STORIES_MAX
/** How much of a title is examined, in code units: white space may take as much as the text. */
const TITLE_UNITS_MAX = 2 * nameUnitsMax(STORY_LIMITS.titleLength)
/** Invisible characters that word processors leave in texts. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]/g

/**
 * Reads stories from a table as written by Jira, GitHub, Azure DevOps, Linear, a spreadsheet or this server's
 * own export. Reading stops where there is one row too many; `text` is bounded by the size of the request.
 */
export function importStories(text: string, notesRule: NotesRule = 'whole'): Import {
  const table = openTable(text)
  if ('message' in table) return { faults: [table] }
  const { rows, fault } = filledRows(table)
  if (rows.length === 0 && fault === null) return { faults: [{ line: table.header.line, message: NO_STORY }] }
  const read = rows.map((row) => storyIn(row, table.places, notesRule))
  const faults = read.filter((one) => 'message' in one)
  if (fault !== null) faults.push(fault)
  if (faults.length > 0) return { faults }
  // Slices of the text would keep all of it in memory as long as the stories.
  return { stories: structuredClone(read.filter((one) => 'title' in one)) }
}

const ONE_TOO_MANY = `is one too many: a session holds at most ${STORIES_MAX} stories`
const NO_STORY = 'names the columns, but no story follows'
const TOO_MANY_CELLS = `has more than ${CELLS_MAX} cells; export fewer columns`

/** The rows that are not empty, as many as a session holds stories, and the fault that ends them. */
function filledRows(table: Table): { readonly rows: readonly Row[]; readonly fault: RowFault | null } {
  const rows: Row[] = []
  let rowCount = 1
  let cellCount = table.header.cells.length
  for (const row of table.rows) {
    if ('message' in row) return { rows, fault: row }
    rowCount += 1
    cellCount += row.cells.length
    if (cellCount > CELLS_MAX) return { rows: [], fault: { line: 1, message: TOO_MANY_CELLS } }
    const isFilled = row.cells.some((cell) => cell.trim() !== '')
    if (rowCount === ROWS_MAX || (isFilled && rows.length === STORIES_MAX)) {
      return { rows, fault: { line: row.line, message: ONE_TOO_MANY } }
    }
    if (isFilled) rows.push(row)
  }
  return { rows, fault: null }
}

/** A row is a story or faulty, with everything wrong in one sentence. */
function storyIn({ line, cells }: Row, places: ColumnPlaces, notesRule: NotesRule): ImportedStory | RowFault {
  const cellAt = (place: number | null) => unguarded(cells[place ?? -1] ?? '').replaceAll(INVISIBLE, '')
  const optional = (place: number | null) => cellAt(place).trim() || null
  const titleAt = places.title.find((place) => cellAt(place).trim() !== '')
  if (titleAt === undefined) return { line, message: 'has no title' }
  const title = collapsed(cellAt(titleAt))
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

/** White space collapsed, also line ends, which a title does not have; unless the title is too long anyway. */
function collapsed(title: string): string {
  return title.length > TITLE_UNITS_MAX ? title : title.replaceAll(/\s+/g, ' ').trim()
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

/** Some trackers write whole points as `5.0`; three digits may be thousands. */
function pointsOf(text: string | null): string | null {
  return text === null ? null : text.replace(/^(\d+)[.,]0{1,2}$/, '$1')
}
