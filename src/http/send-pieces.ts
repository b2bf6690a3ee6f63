import { Readable } from 'node:stream'
import type { Response } from 'express'

/** Pieces are joined up to this length: one write each would cost more. */
const JOINED_LENGTH = 16_384

/**
 * Sends a text in pieces, no faster than the client takes them. It is never held as a whole, and stops when
 * the client disconnects.
 */
export function sendPieces(response: Response, pieces: Iterable<string>): void {
  const source = Readable.from(joined(pieces), { objectMode: false, highWaterMark: JOINED_LENGTH })
  response.on('close', () => source.destroy())
  source.pipe(response)
}

function* joined(pieces: Iterable<string>): Generator<string> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < JOINED_LENGTH) continue
    yield text
    text = ''
  }
  if (text !== '') yield text
}
