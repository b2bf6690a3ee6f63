import type { Figures } from './load/job.js'
import type { LoadMode, Scenario } from './scenarios.js'
import type { ServerName } from './servers.js'

/** One run of one scenario on one server. */
export interface Sample {
  readonly scenario: string
  readonly server: ServerName
  readonly run: number
  readonly figures: Figures
}

/** Above this share of its core, or of its event loop, the client itself may be what was measured. */
const CLIENT_BUSY_MAX = 0.9

interface Column {
  readonly figure: string
  readonly title: string
  readonly digits: number
  /** Adds, next to the figure, its ratio to bare's in the same run. */
  readonly hasRatio?: true
}

const CPU: readonly Column[] = [
  { figure: 'cpuUsPerEvent', title: 'CPU µs/event', digits: 2, hasRatio: true },
  { figure: 'redisUsPerEvent', title: 'Redis µs/event', digits: 2 },
  { figure: 'cpuUsPerStream', title: 'CPU µs/stream opened', digits: 0, hasRatio: true },
  { figure: 'bytesPerEvent', title: 'bytes/event', digits: 0 },
  { figure: 'serverCpu', title: 'server core', digits: 2 },
  { figure: 'clientCpu', title: 'client core', digits: 2 },
  { figure: 'clientLoop', title: 'client loop', digits: 2 },
]

const RATE: readonly Column[] = [{ figure: 'eventsPerS', title: 'events/s', digits: 0, hasRatio: true }]

const LATENCY: readonly Column[] = [
  { figure: 'p50Ms', title: 'p50 ms', digits: 2, hasRatio: true },
  { figure: 'p99Ms', title: 'p99 ms', digits: 2, hasRatio: true },
]

const LOAD_COLUMNS: Readonly<Record<LoadMode, readonly Column[]>> = {
  'lock-step': [...RATE, ...CPU],
  burst: [...RATE, ...LATENCY, ...CPU],
  paced: [...LATENCY, ...CPU],
}

const COLUMNS: Readonly<Record<Exclude<Scenario['kind'], 'load'>, readonly Column[]>> = {
  idle: [
    { figure: 'rssKibPerStream', title: 'KiB/stream', digits: 1, hasRatio: true },
    { figure: 'rssMib', title: 'RSS MiB', digits: 0 },
    { figure: 'idleCpuPercent', title: '% of a core', digits: 2 },
  ],
  storm: [
    { figure: 'stormMs', title: 'all back, ms', digits: 0, hasRatio: true },
    { figure: 'cpuUsPerReconnect', title: 'CPU µs/reconnect', digits: 0, hasRatio: true },
  ],
  'redis-memory': [
    { figure: 'redisKibPerSession', title: 'KiB in Redis/session', digits: 1 },
    { figure: 'redisLogKib', title: 'its log', digits: 1 },
    { figure: 'redisSnapKib', title: 'its snapshot', digits: 1 },
  ],
  heap: [{ figure: 'heapKibPerSession', title: 'KiB heap/session', digits: 1, hasRatio: true }],
  'cold-start': [
    { figure: 'coldStartMs', title: 'first answer, ms', digits: 0, hasRatio: true },
    { figure: 'coldStartCpuMs', title: 'CPU ms', digits: 0, hasRatio: true },
  ],
}

/** A scenario's medians, as a Markdown table. */
export function tableOf(scenario: Scenario, samples: readonly Sample[]): string {
  const own = samples.filter((sample) => sample.scenario === scenario.name)
  const all = scenario.kind === 'load' ? LOAD_COLUMNS[scenario.mode] : COLUMNS[scenario.kind]
  const columns = all.filter(({ figure }) => own.some(({ figures }) => figures[figure] !== undefined))
  const servers = [...new Set(own.map(({ server }) => server))]
  const head = columns.flatMap(({ title, hasRatio }) => (hasRatio ? [title, '× bare'] : [title]))
  const rows = servers.map((server) => [
    server,
    ...columns.flatMap((column) => cells(column, server, own)),
    own.some((sample) => sample.server === server && wasClientTheLimit(sample)) ? 'client was the limit' : '',
  ])
  const lines = [[scenario.name, ...head, ''], ['---', ...head.map(() => '---:'), '---'], ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** The median of the runs; `NaN` without any. */
export function medianOf(samples: readonly Sample[], server: ServerName, figure: string): number {
  return median(
    samples.filter((sample) => sample.server === server).flatMap((sample) => sample.figures[figure] ?? []),
  )
}

/** The median of the ratios to bare, each within its run. */
export function ratioOf(samples: readonly Sample[], server: ServerName, figure: string): number {
  const ratios = samples
    .filter((sample) => sample.server === server)
    .flatMap(({ run, figures }) => {
      const bare = samples.find((sample) => sample.server === 'bare' && sample.run === run)?.figures[figure]
      const value = figures[figure]
      return bare === undefined || value === undefined ? [] : [value / bare]
    })
  return median(ratios)
}

function cells(
  { figure, digits, hasRatio }: Column,
  server: ServerName,
  samples: readonly Sample[],
): string[] {
  const value = number(medianOf(samples, server, figure), digits)
  return hasRatio ? [value, number(ratioOf(samples, server, figure), 2)] : [value]
}

/** A client that waits most of the time did not hold the server up. */
function wasClientTheLimit({ figures: { clientCpu = 0, clientLoop = 0, serverCpu = 0 } }: Sample): boolean {
  return Math.max(clientCpu, clientLoop) > CLIENT_BUSY_MAX && clientCpu > serverCpu
}

function number(value: number, digits: number): string {
  return Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** `NaN` without any. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const high = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2
}
