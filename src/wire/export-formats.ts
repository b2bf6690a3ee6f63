import type { Results } from './export.js'
import { csvExport } from './export-csv.js'
import { jsonExport } from './export-json.js'
import { markdownExport } from './export-markdown.js'

/** The export formats; also the extension of the file. */
export const EXPORT_FORMATS = ['json', 'csv', 'md'] as const

export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** The media type of each. */
export const EXPORT_MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
  md: 'text/markdown; charset=utf-8',
}

const WRITERS: Readonly<Record<ExportFormat, (results: Results) => Generator<string>>> = {
  json: jsonExport,
  csv: csvExport,
  md: markdownExport,
}

/** The results in a given format, piece by piece. */
export function exportPieces(format: ExportFormat, results: Results) {
  return { mediaType: EXPORT_MEDIA_TYPES[format], pieces: WRITERS[format](results) }
}
