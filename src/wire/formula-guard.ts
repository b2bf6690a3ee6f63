/*
 * A cell that begins like a formula is run by the spreadsheet that opens it; the usual remedy is an
 * apostrophe before it. The wide forms (U+FF0B and so on) count in some languages of a spreadsheet.
 */
const RUN = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** The cell as it is safe to open; {@link unguarded} gives it back. */
export function guarded(cell: string): string {
  return RUN.test(cell) ? `'${cell}` : cell
}

/** Takes off what {@link guarded} put on, and leaves every other cell alone. */
export function unguarded(cell: string): string {
  return cell.startsWith("'") && RUN.test(cell) ? cell.slice(1) : cell
}
