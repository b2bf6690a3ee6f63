import type { Version } from '../../machines/ids.js'

/*
 * Frames of `text/event-stream` (WHATWG HTML, section 9.2). JSON has no raw line breaks, so one
 * `data:` line always suffices.
 */

/** What ends a frame. */
export const FRAME_END = '\n\n'

/** An event of the session: its version is the stream's new last event id. */
export function eventFrame(version: Version, json: string): string {
  return `${eventFrameHead(version)}${json}${FRAME_END}`
}

/** What stands before the JSON in an {@link eventFrame}. */
export function eventFrameHead(version: Version): string {
  return `id: ${version}\ndata: `
}

/** A frame that is no event and leaves the last event id alone. */
export function noticeFrame(json: string): string {
  return `data: ${json}\n\n`
}

/** How long a client waits before it connects again, in whole milliseconds. */
export function retryFrame(delayMs: number): string {
  return `retry: ${Math.round(delayMs)}\n\n`
}

/** A comment; clients ignore it. */
export function commentFrame(text: string): string {
  return `: ${text.replaceAll(/[\r\n]/g, ' ')}\n\n`
}
