import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { freePort } from './servers.js'

const READY_MS_MAX = 30_000
const LOOK_MS = 20

/** Whether there is a redis-server (Debian: `redis-server`); without it, what needs it is left out. */
export const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0

/** A redis-server for one run, with an append-only file that is synced to disk every second. */
export interface BenchRedis {
  readonly url: string
  readonly pid: number
  /** What all keys with this ending take, according to Redis. */
  bytesOf(ending: string): Promise<number>
  stop(): Promise<void>
}

/** Starts Redis on a core. @throws when it does not answer */
export async function startRedis(core: number): Promise<BenchRedis> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'magnapp-bench-redis-'))
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'yes']
  const child = spawn('taskset', ['-c', String(core), 'redis-server', ...options, '--save', ''], {
    stdio: 'ignore',
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const kill = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', kill)
  const url = `redis://127.0.0.1:${port}`
  await untilReady(url, performance.now() + READY_MS_MAX)
  return {
    url,
    pid: child.pid ?? 0,
    bytesOf: (ending) => bytesOf(url, ending),
    stop: async () => {
      child.kill('SIGKILL')
      await exited
      process.off('exit', kill)
      rmSync(folder, { recursive: true })
    },
  }
}

async function untilReady(url: string, deadline: number): Promise<void> {
  for (;;) {
    const isUp = await ask(url, ['PING']).then(
      () => true,
      () => false,
    )
    if (isUp) return
    if (performance.now() > deadline) throw new Error('redis-server does not answer')
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function bytesOf(url: string, ending: string): Promise<number> {
  const keys = await ask(url, ['KEYS', `*${ending}`])
  let bytes = 0
  for (const key of Array.isArray(keys) ? keys : [])
    bytes += Number(await ask(url, ['MEMORY', 'USAGE', String(key), 'SAMPLES', '0']))
  return bytes
}

async function ask(url: string, words: readonly string[]): Promise<unknown> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  await client.connect()
  try {
    return await client.sendCommand([...words])
  } finally {
    client.destroy()
  }
}
