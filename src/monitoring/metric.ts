import type { Histogram } from '../runtime/histogram.js'

/** Never an id: a label has few values, known beforehand. */
export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** A metric, read on demand. Its name is the one in the owner's plan, if it is there. */
export type Metric =
  | {
      readonly type: 'counter' | 'gauge'
      readonly name: string
      readonly help: string
      readonly read: () => readonly Sample[]
    }
  | {
      readonly type: 'histogram'
      readonly name: string
      readonly help: string
      readonly read: () => readonly { readonly labels: Labels; readonly histogram: Histogram }[]
    }

/** A counter with one label. */
export function counter(
  name: string,
  help: string,
  label: string,
  read: () => Readonly<Record<string, number>>,
): Metric {
  return {
    type: 'counter',
    name,
    help,
    read: () => Object.entries(read()).map(([key, value]) => ({ labels: { [label]: key }, value })),
  }
}

/** A counter without labels. */
export function total(name: string, help: string, read: () => number): Metric {
  return { type: 'counter', name, help, read: () => [{ labels: {}, value: read() }] }
}

/** A histogram without labels. */
export function histogram(name: string, help: string, read: () => Histogram): Metric {
  return { type: 'histogram', name, help, read: () => [{ labels: {}, histogram: read() }] }
}

/** A gauge; omitted while its value is unknown. */
export function gauge(name: string, help: string, read: () => number | null): Metric {
  return {
    type: 'gauge',
    name,
    help,
    read: () => {
      const value = read()
      return value === null ? [] : [{ labels: {}, value }]
    },
  }
}
