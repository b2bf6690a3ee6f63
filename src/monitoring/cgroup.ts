import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'

/** The limits and usage of a control group (Linux cgroup v2); `null` where unknown. */
export interface ControlGroup {
  readonly memoryLimitBytes: number | null
  /** Without the file cache, which the kernel would release first. */
  readonly memoryUsedBytes: number | null
  /** In cores. */
  readonly cpuLimit: number | null
  readonly cpuUsedSeconds: number | null
}

/** Where the kernel exposes it; tests provide a tree of files. */
export interface CgroupFiles {
  readonly root: string
  readonly self: string
}

const KERNEL: CgroupFiles = { root: '/sys/fs/cgroup', self: '/proc/self/cgroup' }
const US_PER_SECOND = 1e6

/**
 * The control group of this process. In a container it is the root of the visible tree; on a host it is named
 * in /proc/self/cgroup, and the limits of its ancestors apply as well.
 */
export async function readControlGroup({ root, self }: CgroupFiles = KERNEL): Promise<ControlGroup> {
  const own = ownGroup(await text(self))
  const groups = await Promise.all(lineage(own).map((path) => readGroup(join(root, path))))
  return tightest(groups)
}

/** The path of the process's group in /proc/self/cgroup; the root if it is unknown or outside the visible tree. */
export function ownGroup(membership: string | null): string {
  const path = membership
    ?.split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice('0::'.length)
  return path === undefined || path.includes('..') ? '/' : path
}

/** A number, or `null` for `max`, for nothing and for anything else. */
export function parseLimit(content: string | null): number | null {
  const trimmed = content?.trim() ?? ''
  return /^\d+$/.test(trimmed) ? Number(trimmed) : null
}

/** `cpu.max`: quota and period in microseconds; `max` for no quota. */
export function parseCpuMax(content: string | null): number | null {
  const [quota, period] = content?.trim().split(/\s+/).map(parseLimit) ?? []
  return quota == null || period == null || period === 0 ? null : quota / period
}

/** One value of a file of lines like `usage_usec 1234`. */
export function parseStat(content: string | null, key: string): number | null {
  const line = content?.split('\n').find((candidate) => candidate.startsWith(`${key} `))
  return line === undefined ? null : parseLimit(line.slice(key.length))
}

/** A group and its ancestors, innermost first. */
function lineage(path: string): string[] {
  const found: string[] = []
  for (let at = path; ; at = posix.dirname(at)) {
    found.push(at)
    if (at === '/' || at === '.') return found
  }
}

async function readGroup(folder: string): Promise<ControlGroup> {
  const [limit, current, stat, cpuMax, cpuStat] = await Promise.all(
    ['memory.max', 'memory.current', 'memory.stat', 'cpu.max', 'cpu.stat'].map((name) =>
      text(join(folder, name)),
    ),
  )
  const used = parseLimit(current ?? null)
  const cache = parseStat(stat ?? null, 'inactive_file') ?? 0
  const cpuUs = parseStat(cpuStat ?? null, 'usage_usec')
  return {
    memoryLimitBytes: parseLimit(limit ?? null),
    memoryUsedBytes: used === null ? null : Math.max(0, used - cache),
    cpuLimit: parseCpuMax(cpuMax ?? null),
    cpuUsedSeconds: cpuUs === null ? null : cpuUs / US_PER_SECOND,
  }
}

/** The tightest limits, each with the usage in the same group. */
function tightest(groups: readonly ControlGroup[]): ControlGroup {
  const free = (limit: number | null, used: number | null) =>
    limit === null ? Number.POSITIVE_INFINITY : limit - (used ?? 0)
  const [inmost] = groups
  const memory = groups.reduce<ControlGroup | undefined>(
    (best, group) =>
      best !== undefined &&
      free(best.memoryLimitBytes, best.memoryUsedBytes) <= free(group.memoryLimitBytes, group.memoryUsedBytes)
        ? best
        : group,
    inmost,
  )
  const cpu = groups.reduce<ControlGroup | undefined>(
    (best, group) =>
      best !== undefined && free(best.cpuLimit, null) <= free(group.cpuLimit, null) ? best : group,
    inmost,
  )
  return {
    memoryLimitBytes: memory?.memoryLimitBytes ?? null,
    memoryUsedBytes: memory?.memoryUsedBytes ?? null,
    cpuLimit: cpu?.cpuLimit ?? null,
    cpuUsedSeconds: cpu?.cpuUsedSeconds ?? null,
  }
}

async function text(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    return null
  }
}
