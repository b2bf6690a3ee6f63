/*
 * A spreadsheet runs a cell that begins like a formula; the usual remedy is a leading apostrophe. The wide
 * forms (U+FF0B and so on) count in some languages of a spreadsheet.
 */
const RUN = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** The cell in a form that is safe to open; {@link unguarded} restores it. */
export function guarded(cell: string): string {
  return RUN.test(cell) ? `'${cell}` : cell
}

/** Removes what {@link guarded} added, and leaves every other cell alone. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && RUN.test(cell) ? cell.slice(1) : cell
}
