import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { cpuUsage, memoryUsage } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import { type ControlGroup, readControlGroup } from './cgroup.js'

/** What the process may use, and uses, at one time. */
export interface Resources {
  /** Whose limits these are. */
  readonly source: 'container' | 'host'
  readonly memoryUsedBytes: number
  readonly memoryLimitBytes: number
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  readonly rssBytes: number
  /** Since some time in the past. */
  readonly cpuUsedSeconds: number
  readonly cpuLimit: number
  /** This process's alone, since it began. */
  readonly ownCpuSeconds: number
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null
}

const US_PER_SECOND = 1e6

/**
 * Measures, with the container's limits where there are any. Of the container and the disk, what cannot
 * be had is left out.
 * @throws when the process cannot look at itself: no file can be opened
 */
export async function measureResources(): Promise<Resources> {
  const [group, disk] = await Promise.all([readControlGroup(), diskOf('.')])
  const { used_heap_size, heap_size_limit } = getHeapStatistics()
  return {
    ...memoryOf(group),
    ...cpuOf(group),
    ownCpuSeconds: ownCpuSeconds(),
    heapUsedBytes: used_heap_size,
    heapLimitBytes: heap_size_limit,
    rssBytes: memoryUsage.rss(),
    disk,
  }
}

/** A limit that is higher than what the machine has is none. */
export function memoryOf(
  { memoryLimitBytes, memoryUsedBytes }: ControlGroup,
  machine = { totalBytes: totalmem(), freeBytes: freemem() },
): Pick<Resources, 'source' | 'memoryUsedBytes' | 'memoryLimitBytes'> {
  if (memoryLimitBytes === null || memoryUsedBytes === null || memoryLimitBytes >= machine.totalBytes) {
    const { totalBytes, freeBytes } = machine
    return { source: 'host', memoryUsedBytes: totalBytes - freeBytes, memoryLimitBytes: totalBytes }
  }
  return { source: 'container', memoryUsedBytes, memoryLimitBytes }
}

/** Without a quota it is the process's own time, against all cores that it may run on. */
export function cpuOf(
  { cpuLimit, cpuUsedSeconds }: ControlGroup,
  machine = { cores: availableParallelism(), ownSeconds: ownCpuSeconds() },
): Pick<Resources, 'cpuLimit' | 'cpuUsedSeconds'> {
  return cpuLimit === null || cpuUsedSeconds === null
    ? { cpuLimit: machine.cores, cpuUsedSeconds: machine.ownSeconds }
    : { cpuLimit: Math.min(cpuLimit, machine.cores), cpuUsedSeconds }
}

function ownCpuSeconds(): number {
  const { user, system } = cpuUsage()
  return (user + system) / US_PER_SECOND
}

async function diskOf(path: string): Promise<Resources['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return null
  }
}
