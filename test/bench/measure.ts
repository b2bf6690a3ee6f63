import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Cluster, startCluster } from './cluster.js'
import { type Figures, figuresSchema, type Job } from './load/job.js'
import type { Options } from './options.js'
import { cpuMsOf } from './process-usage.js'
import { HAS_REDIS } from './redis.js'
import type { Scenario } from './scenarios.js'
import { SERVERS, type ServerName } from './servers.js'

/** The cores: the server has one to itself, the load client the other. */
export const SERVER_CORE = 0
export const CLIENT_CORE = 1

const CLIENT = fileURLToPath(new URL('load/client.js', import.meta.url))
const HEAP_PROBE = new URL('heap-probe.js', import.meta.url).href
const SETTLE_MS = 2_000
const SILENT_MS = 20_000
/** Sessions before the first look at a heap: one-time costs, such as compiled code, belong to no session. */
const HEAP_WARM_UP_SESSIONS = 100

/** Runs one scenario once on a server or cluster started for it; `null`: it is not for that one. */
export async function measure(
  scenario: Scenario,
  name: ServerName,
  options: Options,
): Promise<Figures | null> {
  if (!isFor(scenario, name)) return null
  const cluster = await startCluster(name, {
    core: SERVER_CORE,
    redisCore: CLIENT_CORE,
    hasHeartbeats: scenario.kind === 'idle' && scenario.hasHeartbeats,
    hasProbe: scenario.kind === 'heap',
    nodeArguments: scenario.kind === 'heap' ? ['--import', HEAP_PROBE] : [],
  })
  try {
    if (scenario.kind === 'cold-start')
      return { coldStartMs: cluster.first.readyMs, coldStartCpuMs: cpuMsOf(cluster.first.pid) }
    if (scenario.kind === 'heap') return await heap(scenario, cluster)
    if (scenario.kind === 'redis-memory') return await redisMemory(scenario, cluster)
    return await underLoad(jobOf(scenario, cluster, options))
  } finally {
    await cluster.stop()
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
  const { protocol, replays, isLimited, nodes } = SERVERS[name]
  if (scenario.kind === 'redis-memory') return HAS_REDIS && nodes === 1
  if (nodes !== undefined) return HAS_REDIS && scenario.kind === 'load' && scenario.isForRedis === true
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

type Loaded = Exclude<Scenario, { kind: 'cold-start' | 'heap' | 'redis-memory' }>

function jobOf(scenario: Loaded, cluster: Cluster, { warmUpMs, measureMs }: Options): Job {
  const { pid: serverPid } = cluster.first
  const crowd = crowdOf(cluster, scenario)
  switch (scenario.kind) {
    case 'load': {
      const hasOwnConnections = scenario.mode === 'burst'
      const { mode, coldMs } = scenario
      const windows = coldMs === undefined ? { warmUpMs, measureMs } : { warmUpMs: 0, measureMs: coldMs }
      const pids = {
        serverPids: cluster.servers.map(({ pid }) => pid),
        redisPid: cluster.redis?.pid ?? null,
      }
      return { kind: 'load', mode, crowd: { ...crowd, hasOwnConnections }, ...pids, ...windows }
    }
    case 'idle': {
      const silentMs = scenario.hasHeartbeats ? SILENT_MS : SETTLE_MS
      return { kind: 'idle', crowd, serverPid, settleMs: SETTLE_MS, measureMs: silentMs }
    }
    case 'storm':
      return { kind: 'storm', crowd, serverPid }
  }
}

/** What the load client needs to know of a crowd. */
export function crowdOf(
  { servers, name }: Pick<Cluster, 'servers' | 'name'>,
  { sessions, users }: { readonly sessions: number; readonly users: number },
): Job['crowd'] {
  const { protocol, isSpread = false } = SERVERS[name]
  return {
    ports: servers.map(({ port }) => port),
    isSpread,
    protocol,
    sessions,
    users,
    hasOwnConnections: false,
  }
}

async function heap(
  { sessions, users }: Extract<Scenario, { kind: 'heap' }>,
  cluster: Cluster,
): Promise<Figures> {
  const { child } = cluster.first
  const populate = (count: number) =>
    underLoad({ kind: 'populate', crowd: crowdOf(cluster, { sessions: count, users }), rounds: 0 })
  await populate(HEAP_WARM_UP_SESSIONS)
  const before = await heapBytes(child)
  await populate(sessions)
  return { heapKibPerSession: ((await heapBytes(child)) - before) / sessions / 1_024 }
}

/** What Redis reports for the keys of sessions. */
async function redisMemory(
  { sessions, users, rounds }: Extract<Scenario, { kind: 'redis-memory' }>,
  cluster: Cluster,
): Promise<Figures> {
  await underLoad({ kind: 'populate', crowd: crowdOf(cluster, { sessions, users }), rounds })
  const kib = async (ending: string) => ((await cluster.redis?.bytesOf(ending)) ?? 0) / sessions / 1_024
  const [redisLogKib, redisSnapKib] = [await kib(':log'), await kib(':snap')]
  return { redisKibPerSession: redisLogKib + redisSnapKib, redisLogKib, redisSnapKib }
}

function heapBytes(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('message', (bytes) => resolve(Number(bytes)))
    child.send('collect')
  })
}
