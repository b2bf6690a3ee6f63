import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Figures, figuresSchema, type Job } from './load/job.js'
import type { Options } from './options.js'
import { cpuMsOf } from './process-usage.js'
import type { Scenario } from './scenarios.js'
import { type PinnedServer, SERVERS, type ServerName, startPinned } from './servers.js'

/** The cores: the server has one to itself, the load client the other. */
export const SERVER_CORE = 0
export const CLIENT_CORE = 1

const CLIENT = fileURLToPath(new URL('load/client.js', import.meta.url))
const HEAP_PROBE = new URL('heap-probe.js', import.meta.url).href
const SETTLE_MS = 2_000
const SILENT_MS = 20_000
/** Sessions before the first look at a heap: what a process takes once, as compiled code, is no session's. */
const HEAP_WARM_UP_SESSIONS = 100

/** One run of one scenario on one server, started for it; `null`: the scenario is not for this server. */
export async function measure(
  scenario: Scenario,
  name: ServerName,
  options: Options,
): Promise<Figures | null> {
  if (!isFor(scenario, name)) return null
  const server = await startPinned(name, {
    core: SERVER_CORE,
    hasHeartbeats: scenario.kind === 'idle' && scenario.hasHeartbeats,
    hasProbe: scenario.kind === 'heap',
    nodeArguments: scenario.kind === 'heap' ? ['--import', HEAP_PROBE] : [],
  })
  try {
    if (scenario.kind === 'cold-start')
      return { coldStartMs: server.readyMs, coldStartCpuMs: cpuMsOf(server.pid) }
    if (scenario.kind === 'heap') return await heap(scenario, name, server)
    return await underLoad(jobOf(scenario, { name, server, options }))
  } finally {
    await server.stop()
  }
}

/** Runs the load client on its core until its job is done. */
export function underLoad(job: Job): Promise<Figures> {
  const child = spawn('taskset', ['-c', String(CLIENT_CORE), process.execPath, CLIENT, JSON.stringify(job)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return new Promise<Figures>((resolve, reject) => {
    child.once('message', (figures) => resolve(figuresSchema.parse(figures)))
    child.once('exit', (code) => {
      process.off('exit', kill)
      reject(new Error(`the load client ended with ${code}`))
    })
  })
}

function isFor(scenario: Scenario, name: ServerName): boolean {
  const { protocol, replays, isLimited } = SERVERS[name]
  switch (scenario.kind) {
    case 'load':
      return !(scenario.isBeyondLimits && isLimited)
    case 'cold-start':
      return true
    case 'idle':
      return scenario.only?.includes(name) ?? true
    case 'storm':
      return replays
    case 'heap':
      return protocol === 'sse'
  }
}

type Loaded = Exclude<Scenario, { kind: 'cold-start' | 'heap' }>

function jobOf(scenario: Loaded, run: { name: ServerName; server: PinnedServer; options: Options }): Job {
  const { pid: serverPid, port } = run.server
  const { warmUpMs, measureMs } = run.options
  const { sessions, users } = scenario
  const { protocol } = SERVERS[run.name]
  const crowd = { port, protocol, sessions, users, hasOwnConnections: false }
  switch (scenario.kind) {
    case 'load': {
      const hasOwnConnections = scenario.mode === 'burst'
      const { mode, coldMs } = scenario
      const windows = coldMs === undefined ? { warmUpMs, measureMs } : { warmUpMs: 0, measureMs: coldMs }
      return { kind: 'load', mode, crowd: { ...crowd, hasOwnConnections }, serverPid, ...windows }
    }
    case 'idle': {
      const silentMs = scenario.hasHeartbeats ? SILENT_MS : SETTLE_MS
      return { kind: 'idle', crowd, serverPid, settleMs: SETTLE_MS, measureMs: silentMs }
    }
    case 'storm':
      return { kind: 'storm', crowd, serverPid }
  }
}

async function heap(
  { sessions, users }: Extract<Scenario, { kind: 'heap' }>,
  name: ServerName,
  { child, port }: PinnedServer,
): Promise<Figures> {
  const { protocol } = SERVERS[name]
  const crowd = { port, protocol, users, hasOwnConnections: false }
  await underLoad({ kind: 'populate', crowd: { ...crowd, sessions: HEAP_WARM_UP_SESSIONS } })
  const before = await heapBytes(child)
  await underLoad({ kind: 'populate', crowd: { ...crowd, sessions } })
  return { heapKibPerSession: ((await heapBytes(child)) - before) / sessions / 1_024 }
}

function heapBytes(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (bytes) => resolve(Number(bytes)))
    child.send('collect')
  })
}
