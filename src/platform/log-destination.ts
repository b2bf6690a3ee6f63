import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import pino, { type DestinationStream } from 'pino'

const STDOUT = 1
/** How much may wait to be written, in bytes; anything beyond that is lost. */
const WAITING_BYTES_MAX = 1_048_576
/** How long a line waits to be written together with others. */
const LINES_WAIT_MS = 50
/** This much is written without waiting, in code units. */
const LINES_LENGTH_MAX = 65_536

/** Accepts lines; `flush` calls back when all of them are written, or cannot be. */
type LogDestination = DestinationStream & { flush(done?: (error?: Error) => void): void }

/**
 * Standard output for a log that must never hold the server up, neither while it runs nor when it ends. If
 * the reader goes away (EPIPE), the log ends. While nothing can be written, as with a full disk or a stalled
 * reader, {@link WAITING_BYTES_MAX} are kept and written once there is room again.
 */
export function standardOutput(): LogDestination {
  const kind = fstatSync(STDOUT)
  return together(kind.isFIFO() || kind.isSocket() ? toPipe() : toFile())
}

/**
 * Writes several lines at a time, at most {@link LINES_WAIT_MS} after the first: one write per line costs
 * more than making the line (20 of 440 µs of a vote, in `npm run profile` on a busy machine). Waiting lines
 * are written when the process ends, unless it is killed.
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

/** Pipes are written without blocking. A thread waiting for the reader would keep the process from ever ending. */
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
      // Written in order, after everything else.
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
  // When the process ends, it retries to write what is left until it succeeds, which here would be never.
  process.prependOnceListener('exit', () => {
    if (isStuck) destination.destroy()
  })
  // pino's own `flush` does not wait for a destination without a buffer.
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
