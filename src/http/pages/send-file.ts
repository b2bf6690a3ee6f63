import type { Request, Response } from 'express'
import type { PageFile } from './page-file.js'

type Coding = 'br' | 'gzip' | null

/**
 * Sends a page's file in the shortest form that the browser takes, or 304 when it has it already.
 * @param cacheControl - for how long it may be kept without asking
 */
export function sendFile(request: Request, response: Response, file: PageFile, cacheControl: string): void {
  const coding = codingFor(file, request.headers['accept-encoding'])
  const tag = `"${file.tag}${coding === null ? '' : `-${coding}`}"`
  response.set({ 'Cache-Control': cacheControl, ETag: tag })
  if (file.brotli !== null || file.gzip !== null) response.vary('Accept-Encoding')
  if (isKnown(request.headers['if-none-match'], tag)) {
    response.status(304).end()
    return
  }
  const body = coding === null ? file.plain : ((coding === 'br' ? file.brotli : file.gzip) ?? file.plain)
  response.set({ 'Content-Type': file.type, 'Content-Length': String(body.length) })
  if (coding !== null) response.set('Content-Encoding', coding)
  if (request.method === 'HEAD') response.end()
  else response.end(body)
}

function codingFor({ brotli, gzip }: PageFile, accepted: string | string[] | undefined): Coding {
  const codings = acceptedCodings(String(accepted ?? ''))
  if (brotli !== null && codings.has('br')) return 'br'
  return gzip !== null && codings.has('gzip') ? 'gzip' : null
}

/** The codings that a client names without refusing them by `q=0` (RFC 9110, section 12.5.3). */
function acceptedCodings(header: string): ReadonlySet<string> {
  const named = header.toLowerCase().split(',')
  const wanted = named.filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
  return new Set(wanted.map((part) => part.split(';')[0]?.trim() ?? ''))
}

/** By weak comparison, which is what `If-None-Match` asks for. */
function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  const known = header.split(',').map((one) => one.trim().replace(/^W\//, ''))
  return known.includes(tag) || known.includes('*')
}
