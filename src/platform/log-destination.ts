import pino, { type DestinationStream } from 'pino'

/** What waits to be written, in bytes; what comes on top is lost. */
const WAITING_BYTES_MAX = 1_048_576

/**
 * Standard output, for a log that must never hold the server up. A reader that went away (EPIPE) ends
 * the log. While nothing can be written, as with a full disk, {@link WAITING_BYTES_MAX} are kept and
 * written when there is room again. `flush` calls back when all that was logged is written, or cannot be;
 * pino's own, for a destination without a buffer, does not wait.
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
  const flush = (done: (error?: Error) => void = () => {}) => {
    const settle = (error?: Error) => {
      destination.off('drain', settle).off('error', settle)
      done(error)
    }
    destination.on('drain', settle).on('error', settle)
    destination.write('')
  }
  return Object.assign(destination, { flush })
}
