import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** A file of a page, ready to be sent: whole in memory, and compressed where that makes it shorter. */
export interface PageFile {
  /** Its media type, with the charset. */
  readonly type: string
  readonly plain: Buffer
  readonly brotli: Buffer | null
  readonly gzip: Buffer | null
  /** What is in it, for a strong `ETag`; each coding adds a mark of its own (RFC 9110, section 8.8.3.3). */
  readonly tag: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Beyond this something else was put there than a page's file. */
const FILE_BYTES_MAX = 8 * 1_024 * 1_024
const TAG_DIGITS = 22
/** Somebody may be waiting: a better one takes ten times as long for a twentieth less. */
const BROTLI_QUALITY = 5

/**
 * Reads a file of a page, with the compressed forms `.br` and `.gz` beside it where the build has made them.
 * @throws what reading throws; an error for one of a type that no page has, or of more than 8 MiB
 */
export function readPageFile(path: string): PageFile {
  const coded = (ending: string) => (existsSync(path + ending) ? readFileSync(path + ending) : null)
  return pageFile(basename(path), readFileSync(path), { brotli: coded('.br'), gzip: coded('.gz') })
}

/**
 * A file that is made while the server runs, and compressed there and then: to be kept, not made for each
 * request.
 * @param name - its ending says its type
 */
export function madePageFile(name: string, text: string): PageFile {
  const plain = Buffer.from(text)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }
  return pageFile(name, plain, { brotli: brotliCompressSync(plain, quality), gzip: gzipSync(plain) })
}

/** Whether a page can have a file of this name. The compressed forms of one are no files of their own. */
export function isPageFileName(name: string): boolean {
  return extname(name) in TYPES
}

function pageFile(name: string, plain: Buffer, coded: Pick<PageFile, 'brotli' | 'gzip'>): PageFile {
  const type = TYPES[extname(name)]
  if (type === undefined) throw new Error(`a page has no files like ${name}`)
  if (plain.length > FILE_BYTES_MAX) throw new Error(`${name} has ${plain.length} bytes, too many for a page`)
  const ifShorter = (bytes: Buffer | null) => (bytes !== null && bytes.length < plain.length ? bytes : null)
  const tag = createHash('sha256').update(plain).digest('base64url').slice(0, TAG_DIGITS)
  return { type, plain, brotli: ifShorter(coded.brotli), gzip: ifShorter(coded.gzip), tag }
}
