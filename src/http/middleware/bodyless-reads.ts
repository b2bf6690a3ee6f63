import type { RequestHandler } from 'express'
import { WireError } from '../../wire/errors.js'

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a read with a body in chunks: nobody takes it, and while the answer waits, as a poll's does, every
 * chunk would be kept, however small. A body of a known length waits as bytes.
 */
export const bodylessReads: RequestHandler = (request, _response, next) => {
  if (request.headers['transfer-encoding'] !== undefined && READS.has(request.method))
    throw new WireError('MALFORMED_REQUEST', { detail: `A ${request.method} request must have no body.` })
  next()
}
