import type { Job } from './load/job.js'
import type { ServerName } from './servers.js'

/** One thing to measure. */
export type Scenario =
  | {
      readonly name: string
      readonly kind: 'load'
      readonly mode: 'lock-step' | 'burst' | 'paced'
      readonly sessions: number
      readonly users: number
      /** Also for servers that share a Redis. */
      readonly isForRedis?: true
      /** Each table asks for more than one address may. */
      readonly isBeyondLimits?: true
      /** From the first request on, without a warm-up, in milliseconds of the server's CPU time. */
      readonly coldMs?: number
    }
  | {
      readonly name: string
      readonly kind: 'idle'
      readonly sessions: number
      readonly users: number
      readonly hasHeartbeats: boolean
      /** The servers it is for; absent: all. */
      readonly only?: readonly ServerName[]
    }
  | { readonly name: string; readonly kind: 'storm'; readonly sessions: number; readonly users: number }
  | { readonly name: string; readonly kind: 'heap'; readonly sessions: number; readonly users: number }
  | {
      readonly name: string
      /** What sessions take in Redis after this many rounds. */
      readonly kind: 'redis-memory'
      readonly sessions: number
      readonly users: number
      readonly rounds: number
    }
  | { readonly name: string; readonly kind: 'cold-start' }

type LoadScenario = Extract<Scenario, { kind: 'load' }>

export const SCENARIOS: readonly Scenario[] = [
  { ...load('paced-3', 'paced', 3), isForRedis: true },
  { ...load('paced-30', 'paced', 30), isForRedis: true },
  { ...load('saturated-3', 'lock-step', 3), isBeyondLimits: true },
  load('saturated-30', 'lock-step', 30),
  { ...load('saturated-100', 'lock-step', 100), isForRedis: true },
  load('saturated-300', 'lock-step', 300),
  load('saturated-500', 'lock-step', 500),
  load('burst-100', 'burst', 100),
  { ...load('first-5-s', 'lock-step', 30), coldMs: 5_000 },
  load('users-2', 'lock-step', 100, 2),
  load('users-64', 'lock-step', 100, 64),
  { name: 'idle-300', kind: 'idle', sessions: 300, users: 16, hasHeartbeats: false },
  {
    name: 'idle-10000',
    kind: 'idle',
    sessions: 625,
    users: 16,
    hasHeartbeats: false,
    only: ['bare', 'magnapp'],
  },
  { name: 'silent-1000', kind: 'idle', sessions: 1_000, users: 16, hasHeartbeats: true, only: ['magnapp'] },
  { name: 'storm-5000', kind: 'storm', sessions: 313, users: 16 },
  { name: 'heap', kind: 'heap', sessions: 300, users: 16 },
  { name: 'redis-memory', kind: 'redis-memory', sessions: 100, users: 16, rounds: 10 },
  { name: 'cold-start', kind: 'cold-start' },
]

/** The scenarios of `--quick`. */
export const QUICK: readonly string[] = ['paced-3', 'saturated-100', 'burst-100', 'cold-start']

export type LoadMode = Extract<Job, { kind: 'load' }>['mode']

function load(name: string, mode: LoadMode, sessions: number, users = 16): LoadScenario {
  return { name, kind: 'load', mode, sessions, users }
}
