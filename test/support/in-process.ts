import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import type { RoundId, SessionId, StoryId, UserId } from '../../machines/ids.js'
import type { Clock, Ids } from '../../machines/ports.js'
import type { SessionMachine } from '../../machines/session/machine.js'
import { SEAT_CODE_ALPHABET, SEAT_CODE_LENGTH } from '../../machines/session/seat-codes.js'
import type { Inspection } from '../../src/http/inspection.js'
import { type Patience, startServer } from '../../src/http/server.js'
import { createServices, type Services } from '../../src/http/services.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import { systemClock } from '../../src/platform/clock.js'
import { readConfig } from '../../src/platform/config.js'
import { createLogger } from '../../src/platform/logger.js'
import type { CommandLog } from '../../src/runtime/command-log.js'
import type { LogFigures } from '../../src/runtime/log-figures.js'

export interface InProcess {
  readonly url: string
  readonly services: Services
  /** All log lines so far. */
  log(): string
  stop(): Promise<void>
}

export interface InProcessOptions {
  readonly environment?: Record<string, string>
  readonly clock?: Clock
  readonly ids?: Ids
  readonly machine?: SessionMachine
  /** Default: the one in memory. */
  readonly commandLog?: CommandLog
  /** How it describes itself. */
  readonly logFigures?: LogFigures
  readonly inspection?: Inspection
  readonly patience?: Patience
}

/** The whole server on a real socket in this process, where time, ids and the chart can be given. */
export async function startInProcess(options: InProcessOptions = {}): Promise<InProcess> {
  const { environment, clock = systemClock, ids = sequentialIds(randomUUID().slice(0, 4)), machine } = options
  const config = readConfig({ HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'debug', ...environment })
  let log = ''
  const destination = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const logger = createLogger(config, clock, destination)
  const services = createServices({
    config,
    clock,
    ids,
    logger,
    commandLog: options.commandLog ?? memoryLog,
    ...(options.logFigures === undefined ? {} : { logFigures: options.logFigures }),
    ...(machine === undefined ? {} : { machine }),
    ...(options.inspection === undefined ? {} : { inspection: options.inspection }),
  })
  await services.supervisor.restore()
  const server = await startServer(services, options.patience)
  return { url: `http://127.0.0.1:${server.port}`, services, log: () => log, stop: () => server.stop() }
}

/** Ids that are the same in every run: UUIDs that count up, tokens too. */
export function sequentialIds(seed = '0000'): Ids {
  let count = 0
  const next = () => `00000000-0000-4000-8000-${seed}${(++count).toString(16).padStart(8, '0')}`
  return {
    sessionId: () => next() as SessionId,
    userId: () => next() as UserId,
    roundId: () => next() as RoundId,
    storyId: () => next() as StoryId,
    seatCode: () => seatCode(++count),
    userToken: () => `token-${next()}`,
    requestId: next,
  }
}

/** A number in the characters of a code. */
function seatCode(number: number): string {
  const base = SEAT_CODE_ALPHABET.length
  const digits = Array.from(
    { length: SEAT_CODE_LENGTH },
    (_, place) => Math.floor(number / base ** place) % base,
  )
  return digits.map((digit) => SEAT_CODE_ALPHABET.charAt(digit)).join('')
}
