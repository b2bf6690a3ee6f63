import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import pino, { type DestinationStream } from 'pino'

const STDOUT = 1
/** What waits to be written, in bytes; what comes on top is lost. */
const WAITING_BYTES_MAX = 1_048_576
/** So long a line waits for others to be written with. */
const LINES_WAIT_MS = 50
/** So much is written without waiting, in code units. */
const LINES_LENGTH_MAX = 65_536

/** Takes lines; `flush` calls back when all of them are written, or cannot be. */
type LogDestination = DestinationStream & { flush(done?: (error?: Error) => void): void }

/**
 * Standard output, for a log that must never hold the server up: neither while it runs nor at its end. A
 * reader that went away (EPIPE) ends the log. While nothing can be written, as with a full disk or a
 * reader that stands still, {@link WAITING_BYTES_MAX} are kept and written when there is room again.
 */
export function standardOutput(): LogDestination {
  const kind = fstatSync(STDOUT)
  return together(kind.isFIFO() || kind.isSocket() ? toPipe() : toFile())
}

/**
 * Writes some lines at a time, {@link LINES_WAIT_MS} after the first of them at the latest: a write for each
 * costs more than all that makes the line (20 of 440 µs of a vote, in `npm run profile` on a busy machine).
 * What waits is written when the process ends, unless it is killed.
 */
function together(destination: LogDestination): LogDestination {
  let lines = ''
  let timer: NodeJS.Timeout | null = null
  const writeLines = () => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const written = lines
    lines = ''
    if (written !== '') destination.write(written)
  }
  process.prependOnceListener('exit', writeLines)
  return {
    write: (line) => {
      lines += line
      if (lines.length >= LINES_LENGTH_MAX) writeLines()
      else timer ??= setTimeout(writeLines, LINES_WAIT_MS).unref()
    },
    flush: (done) => {
      writeLines()
      destination.flush(done)
    },
  }
}

/**
 * A pipe is written without blocking. A thread that waited for its reader would keep the process from
 * ever ending.
 */
function toPipe(): LogDestination {
  const socket = new Socket({ fd: STDOUT, readable: false, writable: true })
  let isOver = false
  socket.on('error', () => {
    isOver = true
  })
  return {
    write: (line) => {
      if (!isOver && socket.writableLength < WAITING_BYTES_MAX) socket.write(line)
    },
    flush: (done = () => {}) => {
      if (isOver) return done()
      // Written in its turn, behind everything else.
      socket.write('', (error) => done(error ?? undefined))
    },
  }
}

function toFile(): LogDestination {
  const destination = pino.destination({ dest: STDOUT, sync: false, maxLength: WAITING_BYTES_MAX })
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
  // pino's own, for a destination without a buffer, does not wait.
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
