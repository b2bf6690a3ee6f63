import pino, { type Logger } from 'pino'
import type { Config } from './config.js'

export type { Logger }

/**
 * The process's log: JSON lines. Session and user ids may be in it; names, votes and tokens never
 * are, since no code passes them on.
 */
export function createLogger(
  config: Pick<Config, 'LOG_LEVEL' | 'DEBUG'>,
  destination?: pino.DestinationStream,
): Logger {
  const options = {
    level: config.DEBUG ? 'debug' : config.LOG_LEVEL,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}
