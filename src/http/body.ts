import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { parse as parseContentType } from 'content-type'
import { WireError } from '../wire/errors.js'
import { tableText } from '../wire/table-text.js'
import { ArrivedBody } from './arrived-body.js'
import { hasTooManyParts } from './json-structure.js'
import { LARGE_BYTES } from './large-bodies.js'

const JSON_TYPE = 'application/json'
const TABLE_TYPES: readonly string[] = ['text/csv', 'text/tab-separated-values']
const UTF8_NAMES: readonly (string | undefined)[] = [undefined, 'utf-8', 'utf8']
/** How much of a `Content-Type` is examined, in code units. */
const TYPE_LENGTH_MAX = 256
const IS_POWDER = 'The body came in too many small pieces.'
const OBJECT_OR_ARRAY_OR_NULL = /^\s*(?:[{[]|null\s*$)/

/** Receives why the body is refused, or else the body: `undefined` if there is none. */
export type BodyTaker = (fault: unknown, body: unknown) => void

export interface BodyRules {
  readonly limits: BodyLimits
  readonly admit: Admission
  /** Does this in a turn in which no other large body is read. */
  readonly inTurn: (work: () => void) => void
}

/** Decides about a large body before more of it is received; without a fault it may come. */
export type Admission = (decided: (fault: unknown) => void) => void

export interface BodyLimits {
  readonly bytesMax: number
  /** The body is ignored: it may be of any type and is `undefined`. Only its length is checked. */
  readonly isIgnored: boolean
  /** The type of a text body; by default bodies are JSON. */
  readonly mediaType?: 'text/csv' | undefined
}

/**
 * Reads a JSON body: uncompressed, UTF-8, an object, an array or `null`, at most `bytesMax` bytes. Any other
 * body is `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE` or `MALFORMED_REQUEST`.
 *
 * Every command passes through here: the usual body parser costs more than all the work of the session.
 * @param admit - asked once, if the body turns out to be large
 * @param take - called once; not at all if the client disconnects before its body has arrived
 */
export function readBody(
  request: IncomingMessage,
  { limits, inTurn, admit }: BodyRules,
  take: BodyTaker,
): void {
  const { headers } = request
  const length = headers['content-length']
  const isChunked = headers['transfer-encoding'] !== undefined
  const hasBody = isChunked || Number(length ?? 0) > 0
  const fault = hasBody ? headersFault(headers, limits) : null
  // A chunked request has a body only if there are bytes: a proxy forwards an empty HTTP/2 POST as chunked
  // and untyped.
  if (!hasBody || (fault !== null && !isChunked)) {
    take(fault ?? undefined, undefined)
    return
  }
  const arrived = new ArrivedBody()
  let isLarge = false
  /** Why the body cannot be taken, now that there is one more piece of it. */
  const faultWith = (piece: Buffer): WireError | null => {
    if (fault !== null) return fault
    if (arrived.length + piece.length > limits.bytesMax) return tooLarge(limits)
    arrived.add(piece)
    return arrived.isPowder ? new WireError('MALFORMED_REQUEST', { detail: IS_POWDER }) : null
  }
  const refuse = (refusal: unknown) => {
    request.off('data', onData).off('end', onEnd).resume()
    take(refusal, undefined)
    // Pieces that are thrown away take the parser half as long without a connection.
    if (arrived.isPowder) request.socket.destroy()
  }
  const onData = (piece: Buffer) => {
    const late = faultWith(piece)
    if (late !== null) return refuse(late)
    if (isLarge || arrived.length <= LARGE_BYTES) return
    isLarge = true
    request.pause()
    admit((refusal) => {
      if (refusal === undefined) request.resume()
      else refuse(refusal)
    })
  }
  const onEnd = () => {
    if (isLarge) inTurn(takeWhole)
    else takeWhole()
  }
  const takeWhole = () => {
    const body = bodyOf(arrived.whole(), headers, limits)
    if (body instanceof WireError) take(body, undefined)
    else take(undefined, body)
  }
  request.on('data', onData).on('end', onEnd)
}

function bodyOf(whole: Buffer, headers: IncomingHttpHeaders, { isIgnored, mediaType }: BodyLimits): unknown {
  if (isIgnored) return undefined
  return mediaType === undefined ? parse(whole) : tableOf(whole, headers)
}

/** What is wrong with a body according to its headers. */
export function headersFault(headers: IncomingHttpHeaders, limits: BodyLimits): WireError | null {
  const isTooLong = Number(headers['content-length'] ?? 0) > limits.bytesMax
  return (limits.isIgnored ? null : typeFault(headers, limits)) ?? (isTooLong ? tooLarge(limits) : null)
}

function tooLarge({ bytesMax }: BodyLimits): WireError {
  return new WireError('PAYLOAD_TOO_LARGE', { context: { max_bytes: bytesMax } })
}

function typeFault(
  { 'content-type': type = '', 'content-encoding': compression = 'identity' }: IncomingHttpHeaders,
  { mediaType }: BodyLimits,
): WireError | null {
  if (type.length > TYPE_LENGTH_MAX || compression.toLowerCase() !== 'identity')
    return new WireError('UNSUPPORTED_MEDIA_TYPE')
  if (type === JSON_TYPE && mediaType === undefined) return null
  const parsed = parseContentType(type)
  if (mediaType !== undefined)
    return TABLE_TYPES.includes(parsed.type) ? null : new WireError('UNSUPPORTED_MEDIA_TYPE')
  if (parsed.type !== JSON_TYPE) return new WireError('UNSUPPORTED_MEDIA_TYPE')
  if (UTF8_NAMES.includes(parsed.parameters['charset']?.toLowerCase())) return null
  return new WireError('MALFORMED_REQUEST', { detail: 'The body must be UTF-8.' })
}

/** A table may have the encoding that a spreadsheet writes. */
function tableOf(bytes: Buffer, { 'content-type': type = '' }: IncomingHttpHeaders): unknown {
  const text = tableText(bytes, parseContentType(type).parameters['charset'] ?? null)
  if (text !== null) return text
  return new WireError('MALFORMED_REQUEST', {
    detail: 'The table is not UTF-8 text; save it as "CSV UTF-8".',
  })
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) return new WireError('MALFORMED_REQUEST', { detail: 'The body is not UTF-8.' })
  const text = bytes.toString()
  if (!OBJECT_OR_ARRAY_OR_NULL.test(text)) return new WireError('MALFORMED_REQUEST')
  if (hasTooManyParts(text))
    return new WireError('MALFORMED_REQUEST', { detail: 'The body has too many parts.' })
  try {
    return JSON.parse(text)
  } catch {
    return new WireError('MALFORMED_REQUEST')
  }
}
