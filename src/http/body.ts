import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { WireError } from '../wire/errors.js'

const JSON_TYPE = /^application\/json\s*(?:;|$)/i
const OTHER_CHARSET = /;\s*charset\s*=\s*"?(?!utf-8\b)/i
const OBJECT_OR_ARRAY = /^\s*[{[]/

/** Takes a body, `undefined` when there is none; or why it cannot be taken. */
export type BodyTaker = (fault: WireError | null, body: unknown) => void

/**
 * Reads a JSON body: uncompressed, UTF-8, an object or an array, at most `bodyBytesMax` bytes. Anything
 * else that has a body is `UNSUPPORTED_MEDIA_TYPE`, `PAYLOAD_TOO_LARGE` or `MALFORMED_REQUEST`.
 *
 * Every command passes here: the usual body parser costs more than all that the session does with it.
 * @param take - called once; not at all when the client goes away before its body has come
 */
export function readBody(request: IncomingMessage, bodyBytesMax: number, take: BodyTaker): void {
  const { headers } = request
  const length = headers['content-length']
  const isChunked = headers['transfer-encoding'] !== undefined
  const hasBody = isChunked || Number(length ?? 0) > 0
  const fault = hasBody ? headersFault(request, bodyBytesMax) : null
  // Of a chunked one only bytes make a body: a proxy sends an empty POST of HTTP/2 on as one, untyped.
  if (!hasBody || (fault !== null && !isChunked)) {
    take(fault, undefined)
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  const onData = (chunk: Buffer) => {
    bytes += chunk.length
    if (fault === null && bytes <= bodyBytesMax) chunks.push(chunk)
    else {
      request.off('data', onData).off('end', onEnd).resume()
      take(fault ?? new WireError('PAYLOAD_TOO_LARGE'), undefined)
    }
  }
  const onEnd = () => {
    const [first] = chunks
    const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
    const body = parse(whole)
    if (body instanceof WireError) take(body, undefined)
    else take(null, body)
  }
  request.on('data', onData).on('end', onEnd)
}

function headersFault({ headers }: IncomingMessage, bodyBytesMax: number): WireError | null {
  const { 'content-type': type = '', 'content-encoding': compression = 'identity' } = headers
  if (!JSON_TYPE.test(type) || compression.toLowerCase() !== 'identity')
    return new WireError('UNSUPPORTED_MEDIA_TYPE')
  if (OTHER_CHARSET.test(type))
    return new WireError('MALFORMED_REQUEST', { detail: 'The body is to be UTF-8.' })
  return Number(headers['content-length'] ?? 0) > bodyBytesMax ? new WireError('PAYLOAD_TOO_LARGE') : null
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) return new WireError('MALFORMED_REQUEST', { detail: 'The body is not UTF-8.' })
  const text = bytes.toString()
  if (!OBJECT_OR_ARRAY.test(text)) return new WireError('MALFORMED_REQUEST')
  try {
    return JSON.parse(text)
  } catch {
    return new WireError('MALFORMED_REQUEST')
  }
}
