import type { Logger } from './logger.js'

const EXIT_FAULT = 1
/** How long the last lines may take to be written. */
const LAST_LINES_MS_MAX = 500

/**
 * Ends the process in an orderly way. On SIGTERM and SIGINT it stops and exits with 0; an uncaught error is
 * logged and also stops it, with exit code 1. Any further signal or error while it stops ends it at once,
 * with 1.
 */
export function endInOrder(stop: () => Promise<void>, logger: Logger): void {
  let isEnding = false
  const end = async (cause: string, exitCode: number) => {
    if (isEnding) process.exit(EXIT_FAULT)
    isEnding = true
    logger.info({ cause }, 'draining')
    await stop()
    logger.info({ cause }, 'stopped')
    await written(logger)
    process.exit(exitCode)
  }
  process.on('SIGTERM', () => end('SIGTERM', 0))
  process.on('SIGINT', () => end('SIGINT', 0))
  // Unhandled rejections arrive here as well.
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught')
    return end('uncaught', EXIT_FAULT)
  })
}

/**
 * Lines are written later than they are logged. On exit the process would write what is waiting even during
 * an earlier write: lines would be out of order, or duplicated.
 */
function written(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LAST_LINES_MS_MAX)
    logger.flush(() => resolve())
  })
}
