import { readConfig } from '../platform/config.js'
import type { ChartEdge } from './statechart.js'

const SECOND_MS = 1_000
const UNITS = [
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const

/** The charts' delays in words, with the default durations. */
const DELAYS: Readonly<Record<string, string>> = delays()

function delays(): Record<string, string> {
  const config = readConfig({})
  const graceWarning = config.GRACE_PERIOD_MINUTES - config.GRACE_WARNING_MINUTES
  const idleWarning = config.SESSION_TIMEOUT_MINUTES - config.SESSION_WARNING_MINUTES
  return {
    roundDeadline: "when the round's time is up",
    revealDeadline: 'after REVEAL_SECONDS',
    graceWarning: `after ${duration(graceWarning)}`,
    graceDeadline: `after ${duration(config.GRACE_PERIOD_MINUTES)} away`,
    idleWarning: `after ${duration(idleWarning)} without a command`,
    idleDeadline: `after ${duration(config.SESSION_TIMEOUT_MINUTES)} without a command`,
    lifeWarning: `${duration(config.SESSION_WARNING_MINUTES)} before the end of life`,
    lifeDeadline: `after ${duration(config.SESSION_LIFE_HOURS)}`,
    presenceDeadline: 'when a sign of life runs out',
    partitionDeadline: `${duration(config.GRACE_PERIOD_MINUTES)} after a cut`,
  }
}

/**
 * A transition's trigger for readers: `after 5 minutes away`, `round.start`, or the empty text.
 * @throws for a delay that has no words yet
 */
export function triggerWords({ trigger }: ChartEdge): string {
  const delay = /^after (\w+)$/.exec(trigger)?.[1]
  if (delay === undefined) return trigger
  const words = DELAYS[delay]
  if (words === undefined) throw new Error(`the delay ${delay} has no words`)
  return words
}

/** A whole transition in words: trigger, guard and actions. */
export function edgeWords(edge: ChartEdge): string {
  return edgeLines(edge).join(' ')
}

/** The same in two lines, with the actions, if any, on the second. */
export function edgeLines(edge: ChartEdge): string[] {
  const cause = [triggerWords(edge), edge.guard === null ? '' : `[${edge.guard}]`].filter(Boolean).join(' ')
  return edge.actions.length === 0 ? [cause] : [cause, `/ ${edge.actions.join(', ')}`]
}

function duration(ms: number): string {
  const [size, unit] = UNITS.find(([sizeMs]) => ms >= sizeMs) ?? [SECOND_MS, 'second']
  const amount = ms / size
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}
