import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = dirname(fileURLToPath(import.meta.url))
const READY_MS_MAX = 60_000
const MAGNAPP = '../dist/magnapp.cjs'

export const SERVER_NAMES = [
  'bare',
  'straight',
  'magnapp',
  'magnapp-tuned',
  'redis-1',
  'redis-2',
  'redis-2-spread',
  'redis-3',
  'redis-3-spread',
  'better-sse',
  'socket.io',
  'polling',
] as const
export type ServerName = (typeof SERVER_NAMES)[number]

interface ServerKind {
  /** Relative to the folder that the bench is built into. */
  readonly entry: string
  readonly protocol: 'sse' | 'socket.io'
  /** Whether it understands `Last-Event-ID`. */
  readonly replays: boolean
  /** This many servers share their sessions in a Redis of their own; absent: one server without Redis. */
  readonly nodes?: number
  /** The people of a session are spread over these servers. */
  readonly isSpread?: true
  /** It limits what one address may ask for. */
  readonly isLimited?: true
  /** In addition to {@link CAPACITY}. */
  readonly environment?: Readonly<Record<string, string>>
}

export const SERVERS: Readonly<Record<ServerName, ServerKind>> = {
  bare: { entry: 'baselines/bare.js', protocol: 'sse', replays: true },
  straight: { entry: 'baselines/straight.js', protocol: 'sse', replays: true },
  magnapp: { entry: MAGNAPP, protocol: 'sse', replays: true, isLimited: true },
  'magnapp-tuned': {
    entry: MAGNAPP,
    protocol: 'sse',
    replays: true,
    environment: { RATE_LIMITING: 'false', LOG_REQUESTS: 'false', LOG_LEVEL: 'warn' },
  },
  'redis-1': onRedis(1),
  'redis-2': onRedis(2),
  'redis-2-spread': { ...onRedis(2), isSpread: true },
  'redis-3': onRedis(3),
  'redis-3-spread': { ...onRedis(3), isSpread: true },
  'better-sse': { entry: 'baselines/better-sse.js', protocol: 'sse', replays: false },
  'socket.io': { entry: 'baselines/socket-io.js', protocol: 'socket.io', replays: false },
  polling: { entry: 'baselines/polling.js', protocol: 'sse', replays: false },
}

function onRedis(nodes: number): ServerKind {
  return { entry: MAGNAPP, protocol: 'sse', replays: true, isLimited: true, nodes }
}

/** MagnaPP's defaults, with room for the crowd, and patience if it is slow to come. */
const CAPACITY = {
  NODE_ENV: 'production',
  MAX_SESSIONS: '100000',
  MAX_USERS_PER_SESSION: '64',
  MAX_STREAMS: '100000',
  SESSION_TIMEOUT_MINUTES: '60',
  DISCONNECT_DEBOUNCE_SECONDS: '600',
}

/** Only events on the streams that are counted. */
const SILENT = { HEARTBEAT_SECONDS: '3600' }

export interface ServerOptions {
  readonly core: number
  /** Where sessions are kept; absent: in memory. */
  readonly commandLog?: string
  readonly hasHeartbeats?: boolean
  /** An entry other than the kind's, relative to the same folder or absolute. */
  readonly entry?: string
  /** Node.js options, before the entry. */
  readonly nodeArguments?: readonly string[]
  /** The server answers messages: see heap-probe.ts. */
  readonly hasProbe?: boolean
}

export interface PinnedServer {
  readonly port: number
  readonly pid: number
  readonly child: ChildProcess
  /** The time from its start to its first answer. */
  readonly readyMs: number
  stop(signal?: NodeJS.Signals): Promise<void>
}

/** On a signal this process exits properly, and so ends the processes that it started. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Starts a server on a core of its own and waits for its first answer. */
export async function startPinned(name: ServerName, options: ServerOptions): Promise<PinnedServer> {
  const port = await freePort()
  const { core, commandLog, hasHeartbeats = false, nodeArguments = [], hasProbe = false } = options
  const entry = resolve(HERE, options.entry ?? SERVERS[name].entry)
  const since = performance.now()
  const child = spawn('taskset', ['-c', String(core), process.execPath, ...nodeArguments, entry], {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: String(port),
      ...CAPACITY,
      ...SERVERS[name].environment,
      ...(hasHeartbeats ? {} : SILENT),
      ...(commandLog === undefined ? {} : { COMMAND_LOG: commandLog }),
    },
    stdio: ['ignore', 'ignore', 'inherit', ...(hasProbe ? (['ipc'] as const) : [])],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  await firstAnswer(child, port, since + READY_MS_MAX)
  return {
    port,
    pid: child.pid ?? 0,
    child,
    readyMs: performance.now() - since,
    stop: async (signal = 'SIGKILL') => {
      child.kill(signal)
      await exited
      process.off('exit', kill)
    },
  }
}

async function firstAnswer(child: ChildProcess, port: number, deadline: number): Promise<void> {
  while (child.exitCode === null && performance.now() <= deadline) {
    const isUp = await fetch(`http://127.0.0.1:${port}/health`).then(
      async (response) => (await response.text()) !== '' && response.ok,
      () => false,
    )
    if (isUp) return
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error('the server does not answer')
}

/** A loopback port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'))
        else resolve(address.port)
      })
    })
  })
}
