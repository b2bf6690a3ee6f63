import type { Histogram } from '../runtime/histogram.js'

/** Never an id: a label has few values, known beforehand. */
export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

/** A figure, read when somebody asks. Where the owner's plan names it, that is its name. */
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

/** Figures by one label. */
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

/** One figure that only rises. */
export function total(name: string, help: string, read: () => number): Metric {
  return { type: 'counter', name, help, read: () => [{ labels: {}, value: read() }] }
}

/** One distribution. */
export function histogram(name: string, help: string, read: () => Histogram): Metric {
  return { type: 'histogram', name, help, read: () => [{ labels: {}, histogram: read() }] }
}

/** A figure that is not known yet is left out. */
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
