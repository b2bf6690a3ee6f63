import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import { program, programIfAny } from './programs.js'

/** Where redis-server is; `null`: it is not here, and what needs it is skipped. */
export const REDIS = program('redis-server')
/** Valkey is in Debian since trixie, and for bookworm in the backports. */
const VALKEY = programIfAny('valkey-server')

const ATTEMPTS_MAX = 3

/** `describe` if redis-server is there; `describe.skip` otherwise. */
export const describeWithRedis = REDIS === null ? describe.skip : describe
/** `describe` if valkey-server is there; `describe.skip` otherwise. */
export const describeWithValkey = VALKEY === null ? describe.skip : describe

/** A private redis-server (or valkey-server) with its own free loopback port, folder and append-only file. */
export class RedisServer {
  readonly url: string
  readonly #program: string
  readonly #port: number
  readonly #folder: string
  readonly #options: readonly string[]
  readonly #environment: Readonly<Record<string, string>>
  #process: ChildProcess | null = null

  private constructor(
    program: string,
    port: number,
    options: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) {
    this.#program = program
    this.#port = port
    this.#options = options
    this.#environment = environment
    this.#folder = mkdtempSync(join(tmpdir(), 'redis-'))
    this.url = `redis://127.0.0.1:${port}`
  }

  /**
   * @param options - for its command line, in addition to those it always has
   * @param environment - in addition to that of this process
   */
  static start(
    options: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RedisServer> {
    return RedisServer.#run(REDIS ?? 'redis-server', options, environment)
  }

  /** Valkey, with these options on its command line. */
  static startValkey(options: readonly string[] = []): Promise<RedisServer> {
    return RedisServer.#run(VALKEY ?? 'valkey-server', options, {})
  }

  static async #run(
    program: string,
    options: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const server = new RedisServer(program, await freePort(), options, environment)
      try {
        await server.start()
        return server
      } catch (error) {
        await server.stop()
        // Somebody else may have taken the port meanwhile.
        if (attempt === ATTEMPTS_MAX) throw error
      }
    }
  }

  /** Starts it again, with whatever its folder has. */
  async start(): Promise<void> {
    const options = ['--port', String(this.#port), '--bind', '127.0.0.1', '--dir', this.#folder]
    const child = spawn(this.#program, [...options, '--appendonly', 'yes', '--save', '', ...this.#options], {
      stdio: 'ignore',
      env: { ...process.env, ...this.#environment },
    })
    this.#process = child
    const killWithTests = () => child.kill('SIGKILL')
    process.once('exit', killWithTests)
    child.once('exit', () => process.off('exit', killWithTests))
    await this.#untilReady(child)
  }

  /** @returns when the process is gone, or has got a signal that does not end it */
  async signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = this.#process
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill(name)
    if (name === 'SIGKILL' || name === 'SIGTERM') await gone
  }

  /** Asks it something, on a connection of its own. */
  async ask(...words: readonly string[]): Promise<unknown> {
    return (await answers(this.url, words))[0]
  }

  /** Does all of this before anybody else does anything. */
  async inOneGo(commands: readonly (readonly string[])[]): Promise<void> {
    await answers(this.url, ['MULTI'], ...commands, ['EXEC'])
  }

  async keys(): Promise<string[]> {
    const keys = await this.ask('KEYS', '*')
    return Array.isArray(keys) ? keys.map(String).sort() : []
  }

  /** Everything under a key, whatever its type. */
  async textOf(key: string): Promise<string> {
    const words = {
      stream: ['XRANGE', key, '-', '+'],
      string: ['GET', key],
      zset: ['ZRANGE', key, '0', '-1'],
    }
    const kind = String(await this.ask('TYPE', key))
    if (kind !== 'stream' && kind !== 'string' && kind !== 'zset') throw new Error(`${key} is a ${kind}`)
    return JSON.stringify(await this.ask(...words[kind]))
  }

  /** How long every key has to live, in milliseconds; -1: for ever. */
  async lifetimes(): Promise<Map<string, number>> {
    const keys = await this.keys()
    const lifetimes = await Promise.all(keys.map(async (key) => Number(await this.ask('PTTL', key))))
    return new Map(keys.map((key, index) => [key, lifetimes[index] ?? 0]))
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.signal('SIGCONT')
    await this.signal('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    while (child.exitCode === null && child.signalCode === null) {
      try {
        if ((await this.ask('PING')) === 'PONG') return
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    throw new Error(`redis-server ended with ${child.exitCode ?? child.signalCode}`)
  }
}

type Start = (options?: readonly string[]) => Promise<RedisServer>

/** What may keep the sessions: its name, `describe` if it is there, and how to start one. */
export const ENGINES: readonly (readonly [string, jest.Describe, Start])[] = [
  ['Redis', describeWithRedis, (options) => RedisServer.start(options)],
  ['Valkey', describeWithValkey, (options) => RedisServer.startValkey(options)],
]

/** Asks on a connection of its own. @returns an answer for each command */
async function answers(
  url: string,
  ...commands: readonly (readonly string[])[]
): Promise<readonly unknown[]> {
  const client = createClient({ url, RESP: 2, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  await client.connect()
  try {
    return await Promise.all(commands.map((words) => client.sendCommand([...words])))
  } finally {
    client.destroy()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
