import pino, { type Logger } from 'pino'
import type { Clock } from '../../machines/ports.js'
import type { Config } from './config.js'

export type { Logger }

/**
 * The process's log: JSON lines. Session and user ids may be in it; names, votes and tokens never
 * are, since no code passes them on.
 */
export function createLogger(
  config: Pick<Config, 'LOG_LEVEL' | 'DEBUG'>,
  clock: Pick<Clock, 'now'>,
  destination: pino.DestinationStream = pino.destination(1),
): Logger {
  const level = config.DEBUG ? 'debug' : config.LOG_LEVEL
  const timestamp = () => `,"time":"${new Date(clock.now()).toISOString()}"`
  return pino({ level, base: null, timestamp }, destination)
}
