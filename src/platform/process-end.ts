import type { Logger } from './logger.js'

const EXIT_FAULT = 1
/** What the last lines may take to be written. */
const LAST_LINES_MS_MAX = 500

/**
 * Ends the process in order. SIGTERM and SIGINT stop it and it exits 0; what nobody caught is logged,
 * stops it too, and it exits 1. Whatever comes while it stops ends it at once, with 1.
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
  // A promise that is rejected and not handled comes here as well.
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught')
    return end('uncaught', EXIT_FAULT)
  })
}

/**
 * Lines are written later than they are logged. At its exit the process would write what waits even
 * while an earlier write is under way: lines out of order, or twice.
 */
function written(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, LAST_LINES_MS_MAX)
    logger.flush(() => resolve())
  })
}
