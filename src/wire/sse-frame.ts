import type { Version } from '../../machines/ids.js'

/*
 * Frames of `text/event-stream` (WHATWG HTML, section 9.2). JSON has no raw line breaks, so one
 * `data:` line always suffices.
 */

/** The end of a frame. */
export const FRAME_END = '\n\n'

/** An event of the session: its version is the stream's new last event id. */
export function eventFrame(version: Version, json: string): string {
  return `${eventFrameHead(version)}${json}${FRAME_END}`
}

/** The text before the JSON in an {@link eventFrame}. */
export function eventFrameHead(version: Version): string {
  return `id: ${version}\ndata: `
}

/** A frame that is not an event and leaves the last event id unchanged. */
export function noticeFrame(json: string): string {
  return `data: ${json}\n\n`
}

/** How long a client waits before it reconnects, in whole milliseconds. */
export function retryFrame(delayMs: number): string {
  return `retry: ${Math.round(delayMs)}\n\n`
}

/** A comment; clients ignore it. */
export function commentFrame(text: string): string {
  return `: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`
}
