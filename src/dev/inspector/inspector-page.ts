import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { folderEntries, Page } from '../../http/pages/page.js'
import { madePageFile, readPageFile } from '../../http/pages/page-file.js'
import { PACKAGE_FOLDER } from '../../platform/version.js'

/** Where the build puts the page, and where the drawings are. */
const PAGE_FOLDER = join(PACKAGE_FOLDER, 'dist/src/dev/inspector/page')
const DRAWINGS_FOLDER = join(PACKAGE_FOLDER, 'docs/statecharts')

const DRAWINGS = ['session', 'supervisor'] as const

/** Allows its own files and its own socket, nothing else; no inline script, no inline style. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
}

/** Sent regardless of `SECURE_HEADERS`, since no proxy is in front of it. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The page, its files and the statecharts' drawings, under `/inspect`. */
export function inspectorPage(): Page {
  return new Page({
    policy: POLICY,
    headers: HEADERS,
    entries: [
      {
        paths: ['/inspect'],
        keeping: 'not_at_all',
        read: () => readPageFile(join(PAGE_FOLDER, 'index.html')),
      },
      ...folderEntries(PAGE_FOLDER, '/inspect', () => 'not_at_all'),
      ...DRAWINGS.map((id) => ({
        paths: [`/inspect/charts/${id}.svg`],
        keeping: 'not_at_all' as const,
        read: () => madePageFile(`${id}.svg`, drawing(id)),
      })),
    ],
  })
}

/** Without its own style: the page has one for it and allows no other. */
function drawing(id: (typeof DRAWINGS)[number]): string {
  const text = readFileSync(join(DRAWINGS_FOLDER, `${id}.svg`), 'utf8')
  return text.replace(/<style>[^<]*<\/style>\n/, '')
}
