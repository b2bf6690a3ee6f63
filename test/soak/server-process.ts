import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ENTRY = join(import.meta.dirname, '../../dist/magnapp.cjs')
const HEAP_PROBE = join(import.meta.dirname, '../../.bench/heap-probe.js')
const READY_MS_MAX = 20_000

/** What a server's process holds, according to the system. */
export interface Holdings {
  readonly residentMib: number
  /** The most ever resident. */
  readonly peakMib: number
  readonly descriptors: number
}

export interface ServerProcess {
  readonly url: string
  holdings(): Holdings
  /** What is left on the heap after a collection, which halts the process meanwhile. */
  heapMib(): Promise<number>
  /** @returns the exit code */
  stop(): Promise<number | null>
}

export interface ServerProcessOptions {
  readonly environment: Readonly<Record<string, string>>
  /** The size of V8's old space. */
  readonly heapMib: number
  /** How much faster the process's time runs than real time; anything but 1 needs Debian's faketime. */
  readonly clockSpeed: number
}

/** On a signal this process exits properly, and so ends the processes that it started. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Starts the build; it ends with this process. */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { environment, heapMib, clockSpeed } = options
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMib}`, '--import', HEAP_PROBE, ENTRY], {
    env: {
      PATH: process.env['PATH'],
      HOST: '127.0.0.1',
      PORT: '0',
      ...environment,
      ...(clockSpeed === 1 ? {} : fasterTime(clockSpeed)),
    },
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const { port, pid } = await ready(child)
  return {
    url: `http://127.0.0.1:${port}`,
    holdings: () => holdingsOf(pid),
    heapMib: () =>
      new Promise((resolve) => {
        child.once('message', (bytes) => resolve(Math.round(Number(bytes) / 2 ** 18) / 4))
        child.send('collect')
      }),
    stop: () => {
      process.kill(pid, 'SIGTERM')
      return exited
    },
  }
}

/** Has the library that `faketime` would load speed up all clocks and waits. */
function fasterTime(speed: number): Record<string, string> {
  const print = ['-m', '-f', '+0', 'printenv', 'LD_PRELOAD']
  const preload = execFileSync('faketime', print, { encoding: 'utf8' })
  return { LD_PRELOAD: preload.trim(), FAKETIME: `+0 x${speed}` }
}

function ready(child: ChildProcess): Promise<{ readonly port: number; readonly pid: number }> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the server is not ready')), READY_MS_MAX)
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      if (output.length < 10_000) output += chunk
      const line = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output)
      if (line === null) return
      clearTimeout(limit)
      resolve({ port: Number(line[1]), pid: child.pid ?? 0 })
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output}`)))
  })
}

function holdingsOf(pid: number): Holdings {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1_024)
  return {
    residentMib: mib('VmRSS'),
    peakMib: mib('VmHWM'),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  }
}
