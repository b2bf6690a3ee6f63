import { isUtf8 } from 'node:buffer'
import express, { type RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'

const BODY_TYPE = 'application/json'

/**
 * Reads a JSON body: uncompressed, UTF-8, an object or an array, at most `bodyBytesMax` bytes.
 * Anything else that has a body is `UNSUPPORTED_MEDIA_TYPE`.
 */
export function jsonBody(bodyBytesMax: number): RequestHandler[] {
  const read = express.json({
    limit: bodyBytesMax,
    inflate: false,
    strict: true,
    type: BODY_TYPE,
    verify: (_request, _response, bytes) => {
      if (!isUtf8(bytes)) throw new WireError('MALFORMED_REQUEST', { detail: 'The body is not UTF-8.' })
    },
  })
  const refuseOtherTypes: RequestHandler = (request, _response, next) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0
    if (hasBody && request.is(BODY_TYPE) === false) throw new WireError('UNSUPPORTED_MEDIA_TYPE')
    next()
  }
  return [refuseOtherTypes, read]
}
