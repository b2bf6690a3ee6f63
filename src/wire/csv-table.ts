import { type ColumnPlaces, columnPlaces } from './csv-columns.js'
import { unguarded } from './formula-guard.js'

/** A row, and the line of the file on which it begins, counted from 1 as in an editor. */
export interface Row {
  readonly line: number
  readonly cells: readonly string[]
}

/** A line of the file, and what is wrong there. */
export interface RowFault {
  readonly line: number
  readonly message: string
}

/** A table whose first row names the columns of a story. */
export interface Table {
  readonly header: Row
  readonly places: ColumnPlaces
  /** The rows below, each read when it is asked for. The first fault ends them. */
  readonly rows: Iterable<Row | RowFault>
}

/** Trackers that export every field there is come to some hundreds. */
export const COLUMNS_MAX = 1_000

const DELIMITERS = [',', ';', '\t'] as const
/** How long the first row may be, in code units, with room for names longer than any tracker has. */
const HEADER_LENGTH_MAX = 65_536
/** A byte order mark, and the line that tells a spreadsheet which delimiter separates the cells. */
const BEFORE_HEADER = /^\ufeff?(?:sep=([,;|\t])(?:\r\n?|\n))?/

const NO_TITLE = 'has no column called Title or Summary; the first line must name the columns'
const TOO_WIDE = `has more than ${COLUMNS_MAX} columns; export fewer`
const NOT_CLOSED = 'opens a quotation mark that is not closed'
const TEXT_AFTER_QUOTE = 'has text after a closing quotation mark; double the marks inside a cell'
const STRAY_QUOTE = 'has a quotation mark inside a cell that does not begin with one'

const TAB = 9
const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const QUOTE = 34

/**
 * Opens a table in any of the usual forms: commas, semicolons or tabs, quoted cells spanning several lines,
 * any line ends. The delimiter is the one with which the first row has a title column.
 * @returns the fault, if no row names the columns
 */
export function openTable(text: string): Table | RowFault {
  const [before = '', separator] = BEFORE_HEADER.exec(text) ?? []
  const start = { at: before.length, line: separator === undefined ? 1 : 2 }
  for (const delimiter of separator === undefined ? DELIMITERS : [separator]) {
    const rows = new RowReader(text, delimiter, start)
    const header = rows.next()
    if (header === null || rows.at - start.at > HEADER_LENGTH_MAX) break
    if ('message' in header) {
      if (header.message === TOO_WIDE) return header
      continue
    }
    const places = columnPlaces(header.cells.map(unguarded))
    if (places !== null) return { header, places, rows: restOf(rows) }
  }
  return { line: start.line, message: NO_TITLE }
}

function* restOf(rows: RowReader): Generator<Row | RowFault> {
  for (let row = rows.next(); row !== null; row = rows.next()) {
    yield row
    if ('message' in row) return
  }
}

/**
 * Reads rows of cells (RFC 4180), character by character: a mebibyte takes a few milliseconds, whatever is in
 * it. With tabs as delimiters hardly anybody quotes, so a mark that does not fit is just a character.
 */
class RowReader {
  readonly #text: string
  readonly #delimiter: number
  readonly #isLenient: boolean
  #at: number
  #line: number
  #fault: string | null = null

  constructor(text: string, delimiter: string, { at, line }: { readonly at: number; readonly line: number }) {
    this.#text = text
    this.#delimiter = delimiter.charCodeAt(0)
    this.#isLenient = this.#delimiter === TAB
    this.#at = at
    this.#line = line
  }

  /** How far it has read. */
  get at(): number {
    return this.#at
  }

  /** The next row that is not an empty line; `null`: there is none. After a fault nothing can be read. */
  next(): Row | RowFault | null {
    this.#skipLineEnds()
    if (this.#at >= this.#text.length) return null
    const line = this.#line
    const cells: string[] = []
    do {
      cells.push(this.#cell())
      if (cells.length > COLUMNS_MAX) this.#fault = TOO_WIDE
      if (this.#fault !== null) return { line, message: this.#fault }
    } while (this.#skipDelimiter())
    return { line, cells }
  }

  #cell(): string {
    return this.#text.charCodeAt(this.#at) === QUOTE ? this.#quotedCell() : this.#plainText()
  }

  /** Everything up to the end of the cell. */
  #plainText(): string {
    const [text, delimiter, from] = [this.#text, this.#delimiter, this.#at]
    let at = from
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === delimiter || isLineBreak(code)) break
      if (code === QUOTE && !this.#isLenient) this.#fault = STRAY_QUOTE
    }
    this.#at = at
    return text.slice(from, at)
  }

  #quotedCell(): string {
    const [text, from] = [this.#text, this.#at + 1]
    let [at, isDoubled] = [from, false]
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code === QUOTE) {
        if (text.charCodeAt(at + 1) !== QUOTE) break
        isDoubled = true
        at += 1
      } else if (isLineBreak(code)) this.#line += lineEndsAt(text, at)
    }
    if (at >= text.length) this.#fault = NOT_CLOSED
    this.#at = at + 1
    const quoted = text.slice(from, at)
    // Where there are many, four times as fast as `replaceAll`.
    const cell = isDoubled ? quoted.split('""').join('"') : quoted
    const rest = this.#plainText()
    if (rest === '') return cell
    if (!this.#isLenient) this.#fault = TEXT_AFTER_QUOTE
    return `"${cell}"${rest}`
  }

  #skipDelimiter(): boolean {
    if (this.#text.charCodeAt(this.#at) !== this.#delimiter) return false
    this.#at += 1
    return true
  }

  #skipLineEnds(): void {
    const text = this.#text
    let at = this.#at
    for (; isLineBreak(text.charCodeAt(at)); at += 1) this.#line += lineEndsAt(text, at)
    this.#at = at
  }
}

function isLineBreak(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN
}

/** Of a carriage return and a line feed in a row, only the latter counts. */
function lineEndsAt(text: string, at: number): 0 | 1 {
  return text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED ? 0 : 1
}
