import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** A file of a page, ready to be sent: whole in memory, and compressed where that makes it shorter. */
export interface PageFile {
  readonly type: string
  readonly plain: Buffer
  readonly brotli: Buffer | null
  readonly gzip: Buffer | null
  /** Strong: of the plain bytes; each coding adds its own mark (RFC 9110, section 8.8.3.3). */
  readonly tag: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** What a folder may hold, in bytes: beyond it something else was put there than a page. */
const BYTES_MAX = 8 * 1_024 * 1_024
/** Pictures and fonts are compressed by their own format. */
const IS_TEXT = /^text\/|json$|xml$/
const TAG_DIGITS = 22
/** Documents are compressed while somebody waits; files were, when the page was built. */
const DOCUMENT_QUALITY = 5

/**
 * Reads a page's folder, files by their path in it, as `assets/page.js`. Beside a file lie its
 * compressed forms, `.br` and `.gz`, where the build has made them.
 * @throws what reading throws; an error for a folder of more than 8 MiB, or a file of unknown type
 */
export function readPageFolder(folder: string): ReadonlyMap<string, PageFile> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const bytes = new Map(names.map((name) => [name, readFileSync(name)]))
  const total = [...bytes.values()].reduce((sum, { length }) => sum + length, 0)
  if (total > BYTES_MAX) throw new Error(`${folder} holds ${total} bytes, which is no page`)
  const files = new Map<string, PageFile>()
  for (const [name, plain] of bytes) {
    if (name.endsWith('.br') || name.endsWith('.gz')) continue
    const path = name.slice(folder.length + 1).replaceAll('\\', '/')
    files.set(path, pageFile(path, plain, bytes.get(`${name}.br`) ?? null, bytes.get(`${name}.gz`) ?? null))
  }
  return files
}

/** A document made while the server runs, with its compressed forms. */
export function documentOf(html: string): PageFile {
  const plain = Buffer.from(html)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: DOCUMENT_QUALITY } }
  return pageFile('document.html', plain, brotliCompressSync(plain, quality), gzipSync(plain))
}

function pageFile(path: string, plain: Buffer, brotli: Buffer | null, gzip: Buffer | null): PageFile {
  const type = TYPES[extname(path)]
  if (type === undefined) throw new Error(`a page has no files like ${path}`)
  const shorter = (coded: Buffer | null) =>
    coded !== null && IS_TEXT.test(type.split(';')[0] ?? '') && coded.length < plain.length ? coded : null
  const tag = createHash('sha256').update(plain).digest('base64url').slice(0, TAG_DIGITS)
  return { type, plain, brotli: shorter(brotli), gzip: shorter(gzip), tag }
}
