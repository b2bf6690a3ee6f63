import type { Request, Response } from 'express'
import { hasSeen } from '../if-none-match.js'
import type { PageFile } from './page-file.js'

type Coding = 'br' | 'gzip' | null

/** How much of an `Accept-Encoding` is examined, in code units; browsers send some thirty. */
const ACCEPT_LENGTH_MAX = 256

/**
 * Sends a page's file in the smallest form that the client accepts, or 304 if it has it already.
 * @param cacheControl - how long it may be cached without revalidation
 */
export function sendFile(request: Request, response: Response, file: PageFile, cacheControl: string): void {
  const coding = codingFor(file, request.headers['accept-encoding'])
  const etag = `"${file.tag}${coding === null ? '' : `-${coding}`}"`
  response.set({ 'Cache-Control': cacheControl, ETag: etag })
  if (file.brotli !== null || file.gzip !== null) response.vary('Accept-Encoding')
  if (hasSeen(request.headers['if-none-match'], etag)) {
    response.status(304).end()
    return
  }
  const body = { br: file.brotli, gzip: file.gzip, plain: file.plain }[coding ?? 'plain'] ?? file.plain
  response.set({ 'Content-Type': file.type, 'Content-Length': String(body.length) })
  if (coding !== null) response.set('Content-Encoding', coding)
  response.end(request.method === 'HEAD' ? undefined : body)
}

function codingFor({ brotli, gzip }: PageFile, accepted: string | string[] | undefined): Coding {
  const taken = takenCodings(String(accepted ?? '').slice(0, ACCEPT_LENGTH_MAX))
  if (brotli !== null && taken.has('br')) return 'br'
  return gzip !== null && taken.has('gzip') ? 'gzip' : null
}

/** The codings that a client accepts, without those with `q=0` (RFC 9110, section 12.5.3). */
function takenCodings(header: string): ReadonlySet<string> {
  const taken = header
    .toLowerCase()
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([, quality]) => !/^q=0(\.0{0,3})?$/.test(quality ?? ''))
  return new Set(taken.map(([name = '']) => name))
}
