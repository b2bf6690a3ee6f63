import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** A file of a page, ready to be sent: held in memory, and compressed if that makes it smaller. */
export interface PageFile {
  /** Its media type, with the charset. */
  readonly type: string
  readonly plain: Buffer
  readonly brotli: Buffer | null
  readonly gzip: Buffer | null
  /** A digest of its content, for a strong `ETag`; each coding adds its own mark (RFC 9110, section 8.8.3.3). */
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

/** A larger file is not part of a page. */
const FILE_BYTES_MAX = 8 * 1_024 * 1_024
const TAG_DIGITS = 22
/** Somebody may be waiting: higher quality takes ten times as long and saves a twentieth. */
const BROTLI_QUALITY = 5

/**
 * Reads a file of a page, with its compressed forms `.br` and `.gz` if the build has made them.
 * @throws what reading throws; an error for a type that no page has, or for more than 8 MiB
 */
export function readPageFile(path: string): PageFile {
  const coded = (ending: string) => (existsSync(path + ending) ? readFileSync(path + ending) : null)
  return pageFile(basename(path), readFileSync(path), { brotli: coded('.br'), gzip: coded('.gz') })
}

/**
 * A file that is generated and compressed while the server runs: to be kept, not made per request.
 * @param name - its extension determines its type
 */
export function madePageFile(name: string, text: string): PageFile {
  const plain = Buffer.from(text)
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }
  return pageFile(name, plain, { brotli: brotliCompressSync(plain, quality), gzip: gzipSync(plain) })
}

/** Whether a page can have a file of this name. Compressed forms do not count as files. */
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
