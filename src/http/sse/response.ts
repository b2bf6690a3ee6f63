import type { Response } from 'express'
import { commentFrame, retryFrame } from '../../wire/sse-frame.js'

/** How long a client waits before it reconnects if there was no place, in milliseconds. */
const RETRY_FULL_MS = 30_000
/**
 * The same if there will be a place soon, on this server or another, in milliseconds: well below the time
 * that people have to come back.
 */
export const RETRY_SOON_MS = 2_000

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
  Connection: 'close',
} as const

/**
 * Unchunked and delimited by the connection's end: a stream's bytes go to the socket as they are. The request
 * is not passed on any more, so the router's data for that can be released while the stream lasts.
 */
export function openResponse(response: Response): void {
  response.req.next = passOnNoMore
  // Silence is normal for a stream, which itself checks whether its reader takes what is sent. A stream that
  // waits behind other answers on its connection does not lift the limit for those.
  response.socket?.setTimeout(0)
  response.status(200).set(STREAM_HEADERS)
  response.useChunkedEncodingByDefault = false
  response.flushHeaders()
}

function passOnNoMore(): void {}

/**
 * Ends an open response without a stream. A browser never reconnects after an error status, so a client that
 * comes too often, or to a server that is full or draining, is told so in a comment.
 */
export function turnAway(response: Response, retryMs = RETRY_FULL_MS): void {
  response.end(retryFrame(retryMs) + commentFrame('no place for another stream now; try again later'))
}
