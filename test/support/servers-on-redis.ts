import type { SessionId } from '../../machines/ids.js'
import { type SessionMachine, sessionMachine } from '../../machines/session/machine.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { SteadyClock } from '../../src/platform/clock.js'
import { createLogger } from '../../src/platform/logger.js'
import { LogFigures } from '../../src/runtime/log-figures.js'
import type { SessionHost } from '../../src/runtime/session-host.js'
import { Api, type Person } from './api.js'
import { type InProcess, startInProcess } from './in-process.js'
import { TestStream } from './sse.js'

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

/** Several servers in this process, with sessions in one Redis but connections and clocks of their own. */
export class ServersOnRedis {
  readonly #servers: InProcess[] = []
  readonly #streams: TestStream[] = []

  /** One more. @param url - of Redis, or of what is in front of it @param machine - default: the chart */
  async start(
    url: string,
    environment: Record<string, string> = {},
    machine: SessionMachine = sessionMachine,
  ): Promise<void> {
    const logFigures = new LogFigures()
    const commandLog = await RedisLog.open({ url, logger, figures: logFigures })
    // Deadlines are in Redis' time, as they are for the built server.
    const clock = new SteadyClock({
      sources: { monotonic: () => performance.now(), wall: () => commandLog.now() },
    })
    const options = { RATE_LIMITING: 'false', MAX_SESSIONS: '1000', LOG_LEVEL: 'silent', ...environment }
    this.#servers.push(await startInProcess({ commandLog, clock, logFigures, machine, environment: options }))
  }

  get count(): number {
    return this.#servers.length
  }

  get all(): readonly InProcess[] {
    return this.#servers
  }

  /** @param node - any number: they take turns */
  server(node: number): InProcess {
    const server = this.#servers[node % this.count]
    if (server === undefined) throw new Error('there is no server')
    return server
  }

  api(node: number): Api {
    return new Api(this.server(node).url)
  }

  /** A stream on one of them. @returns when it is open there */
  async open(node: number, { sessionId, token }: Person, lastEventId?: number): Promise<TestStream> {
    const request = lastEventId === undefined ? { token } : { token, lastEventId }
    const stream = new TestStream(this.server(node).url, sessionId, request)
    this.#streams.push(stream)
    return stream.until(({ status }) => status === 200)
  }

  /** The session on each of them, once it has read the log. */
  hosts(id: string): Promise<readonly SessionHost[]> {
    const read = this.#servers.map(
      ({ services }) =>
        new Promise<SessionHost>((resolve, reject) =>
          services.supervisor.open(id as SessionId, (host) =>
            host ? resolve(host) : reject(new Error(`there is no session: ${host}`)),
          ),
        ),
    )
    return Promise.all(read)
  }

  /** Ends all of them, and their streams. */
  async stop(): Promise<void> {
    for (const stream of this.#streams.splice(0)) stream.close()
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()))
  }
}
