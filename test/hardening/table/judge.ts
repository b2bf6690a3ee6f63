import type { HonestReport } from './honest-orders.js'
import type { Holdings } from './process-gauge.js'

/** What was seen of a server before, during and after an attack. */
export interface Seen {
  readonly before: Holdings & { readonly places: number }
  readonly after: Holdings & { readonly places: number }
  /** The most that was resident meanwhile. */
  readonly peakMib: number
  readonly honest: HonestReport
  /** Promises that the answers to the attacker broke. */
  readonly broken: readonly string[]
  /** The factor by which others may be slower than on an idle machine. */
  readonly slack: number
  /** How much longer the server took for its work than it would have alone. */
  readonly stretch: number
  /** Whether a proxy keeps idle connections to the server, on purpose. */
  readonly isPooled: boolean
}

export interface Cell {
  readonly isHeld: boolean
  readonly seen: string
}

/** One attack's row: everything it could cost. */
export interface Cells {
  /** CPU: how long others wait for answers. */
  readonly requests: Cell
  /** CPU: how long others wait for events. */
  readonly events: Cell
  readonly memory: Cell
  /** Files, sockets, and whatever else keeps the event loop busy. */
  readonly descriptors: Cell
  /** Streams and sessions. */
  readonly places: Cell
  readonly answers: Cell
}

const REQUEST_MS_MAX = 250
const EVENT_MS_MAX = 100
/** On a busy machine, a multiple of what an idle server takes there is allowed. */
const MACHINE_TIMES_MAX = 5
/** A server that waited for a core five times as long as it had one. */
const STRETCH_MAX = 6
const KEPT_MIB_MAX = 64
/** Includes garbage that is not collected yet. */
const PEAK_MIB_MAX = 128
const DESCRIPTORS_MAX = 4
const HANDLES_MAX = 12
/** Idle connections that a proxy keeps. */
const POOL_MAX = 96

/** Compares what was seen with the limits. */
export function judge({ before, after, peakMib, honest, broken, slack, stretch, isPooled }: Seen): Cells {
  const keptMib = Math.max(after.residentMib - before.residentMib, after.liveMib - before.liveMib)
  const grownMib = peakMib - before.residentMib
  const pool = isPooled ? POOL_MAX : 0
  const descriptors = after.descriptors - before.descriptors
  const handles = after.handles - before.handles
  const multiple = slack * Math.min(stretch, STRETCH_MAX)
  // On a machine this busy nothing can be said about anybody's waiting.
  const isTold = stretch <= STRETCH_MAX
  const late = honest.machineMs * MACHINE_TIMES_MAX
  return {
    requests: {
      isHeld:
        honest.faults.length === 0 &&
        (!isTold || honest.requestMs <= Math.max(REQUEST_MS_MAX * multiple, late)),
      seen: [`${Math.round(honest.requestMs)} ms`, ...honest.faults.slice(0, 1)].join(' '),
    },
    events: {
      isHeld: honest.events > 0 && (!isTold || honest.eventMs <= Math.max(EVENT_MS_MAX * multiple, late)),
      seen: `${Math.round(honest.eventMs)} ms of ${honest.events}, machine ${Math.round(honest.machineMs)} ms, stretch ${stretch.toFixed(1)}`,
    },
    memory: {
      isHeld: keptMib <= KEPT_MIB_MAX && grownMib <= PEAK_MIB_MAX,
      seen: `kept ${Math.round(keptMib)}, peak ${Math.round(grownMib)} MiB`,
    },
    descriptors: {
      isHeld: descriptors <= DESCRIPTORS_MAX + pool && handles <= HANDLES_MAX + pool,
      seen: `${descriptors}, handles ${handles}`,
    },
    places: { isHeld: after.places === before.places, seen: String(after.places - before.places) },
    answers: { isHeld: broken.length === 0, seen: broken.slice(0, 2).join('; ') },
  }
}
