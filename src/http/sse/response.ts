import type { Response } from 'express'
import { commentFrame, retryFrame } from '../../wire/sse-frame.js'

/** How long a client waits before it connects again, when it found no place, in milliseconds. */
const RETRY_FULL_MS = 30_000
/** The same where there will be a place at once, at this server or another, in milliseconds: well below how long people have to come back. */
export const RETRY_SOON_MS = 2_000

const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
  Connection: 'close',
} as const

/**
 * Unchunked, and delimited by the connection's end: a stream's bytes go to the socket as they are.
 * Nobody passes the request on any more, so what the router keeps for that need not stay as long as
 * the stream does.
 */
export function openResponse(response: Response): void {
  response.req.next = passOnNoMore
  // Silence is a stream's nature; whether its reader takes what comes is watched by the stream. One that
  // waits behind other answers on its connection does not lift the limit for those.
  response.socket?.setTimeout(0)
  response.status(200).set(STREAM_HEADERS)
  response.useChunkedEncodingByDefault = false
  response.flushHeaders()
}

function passOnNoMore(): void {}

/**
 * Ends an open response without a stream. A browser never connects again after an error status, so
 * who comes too often, or to a server that is full or drains, is told so in a comment.
 */
export function turnAway(response: Response, retryMs = RETRY_FULL_MS): void {
  response.end(retryFrame(retryMs) + commentFrame('no place for another stream now; try again later'))
}
