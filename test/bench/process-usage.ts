import { readdirSync, readFileSync } from 'node:fs'

/** Linux reports CPU time in hundredths of a second, whatever the kernel's own tick. */
const MS_PER_TICK = 10
const NS_PER_MS = 1_000_000
const KIB_PER_MIB = 1_024

/** The CPU time of processes over all their threads, user and system, in milliseconds. */
export function cpuMsOf(...pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + cpuMsOfOne(pid), 0)
}

function cpuMsOfOne(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK
}

/** The same of one process, to the microsecond, without the threads that have ended. */
export function finelyCpuMsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((total, thread) => {
    const [runNs] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')
    return total + Number(runNs) / NS_PER_MS
  }, 0)
}

/** A process's resident memory, in KiB. */
export function rssKibOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
  return Number(line)
}

export function mib(kib: number): number {
  return kib / KIB_PER_MIB
}
