import pino, { type DestinationStream } from 'pino'

/** What waits to be written, in bytes; what comes on top is lost. */
const WAITING_BYTES_MAX = 1_048_576

/**
 * Standard output, for a log that must never hold the server up. A reader that went away (EPIPE) ends
 * the log. While nothing can be written, as with a full disk, {@link WAITING_BYTES_MAX} are kept and
 * written when there is room again.
 */
export function standardOutput(): DestinationStream {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: WAITING_BYTES_MAX })
  let isStuck = false
  destination.on('error', () => {
    isStuck = true
  })
  destination.on('write', () => {
    isStuck = false
  })
  // At its end the process writes what is left, again and again until it succeeds. It never would.
  process.prependOnceListener('exit', () => {
    if (isStuck) destination.destroy()
  })
  return destination
}
