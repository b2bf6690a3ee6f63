import { statfs } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { cpuUsage, memoryUsage } from 'node:process'
import { getHeapStatistics } from 'node:v8'
import { type ControlGroup, readControlGroup } from './cgroup.js'

/** The process's limits and usage at one time. */
export interface Resources {
  /** Where the limits come from. */
  readonly source: 'container' | 'host'
  readonly memoryUsedBytes: number
  readonly memoryLimitBytes: number
  readonly heapUsedBytes: number
  readonly heapLimitBytes: number
  readonly rssBytes: number
  /** Since an arbitrary time in the past. */
  readonly cpuUsedSeconds: number
  readonly cpuLimit: number
  /** Only this process's, since its start. */
  readonly ownCpuSeconds: number
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null
}

const US_PER_SECOND = 1e6

/**
 * Measures, with the container's limits if there are any. Values of the container or the disk that cannot be
 * read are omitted.
 * @throws when the process cannot inspect itself: no file can be opened
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

/** A limit above the machine's own memory counts as none. */
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

/** Without a quota: the process's own time, relative to all cores that it may use. */
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
