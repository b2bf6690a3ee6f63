import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { startPlainNginx } from './plain-nginx.js'
import { RedisServer } from './redis-server.js'

/** The build's entry: what `bin.magnapp` names. */
export const ENTRY = join(__dirname, '../../dist/magnapp.cjs')
/** It is ready in a second; a busy machine takes longer. */
const READY_MS_MAX = 30_000

/** The built server as a separate process, on a free port. */
export interface BuiltServer {
  readonly url: string
  readonly process: ChildProcess
  /** Everything it has written. */
  output(): string
  /** @returns the exit code; `null`: a signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/**
 * What "the server" is in this run of the tests, by `TOPOLOGY`: one that keeps its sessions in memory
 * (default), one that keeps them in Redis, or three that share them there behind nginx, which sends each
 * request to the next server, or all requests of a session to the same one.
 */
const TOPOLOGY = process.env['TOPOLOGY'] ?? 'memory'
const NODES = { memory: 0, redis: 1, nodes: 3, hashed: 3 }[TOPOLOGY] ?? 0

/** For what each node has of its own, above all limits and counters; skipped if there are several. */
export const testOfOneNode = NODES > 1 ? test.skip : test

/** Starts the build as `npm start` does, with only the environment given. Killed with the test process. */
export function startBuiltServer(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
  entry = ENTRY,
): Promise<BuiltServer> {
  const isPlain = NODES > 0 && environment['COMMAND_LOG'] === undefined && args.length === 0
  return isPlain ? startNodes(environment) : startOne(environment, args, entry)
}

/** As many servers as the run needs, on their own Redis; the first's process and output stand for all. */
async function startNodes(environment: Record<string, string>): Promise<BuiltServer> {
  const redis = await RedisServer.start()
  const own = { ...environment, COMMAND_LOG: redis.url }
  const servers: BuiltServer[] = []
  try {
    for (let node = 0; node < NODES; node += 1) servers.push(await startOne(own))
  } catch (error) {
    await Promise.all([redis.stop(), ...servers.map((server) => server.stop('SIGKILL'))])
    throw error
  }
  const [first] = servers
  if (first === undefined) throw new Error('no server')
  const proxy =
    servers.length === 1
      ? null
      : await startPlainNginx(
          servers.map(({ url }) => url),
          TOPOLOGY === 'hashed',
        )
  return {
    ...first,
    url: proxy?.url ?? first.url,
    output: () => servers.map((server) => server.output()).join(''),
    stop: async (signal) => {
      const codes = await Promise.all(servers.map((server) => server.stop(signal)))
      await proxy?.close()
      await redis.stop()
      return codes[0] ?? null
    },
  }
}

async function startOne(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
  entry = ENTRY,
): Promise<BuiltServer> {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', ...environment },
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const killWithTests = () => child.kill('SIGKILL')
  process.once('exit', killWithTests)
  const port = await new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`not ready: ${output}`))
    }, READY_MS_MAX)
    child.stdout.on('data', () => {
      const ready = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output)
      if (ready === null) return
      clearTimeout(limit)
      resolve(Number(ready[1]))
    })
    child.once('exit', (code) => {
      clearTimeout(limit)
      process.off('exit', killWithTests)
      reject(new Error(`exited with ${code}: ${output}`))
    })
  })
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output: () => output,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
  }
}
