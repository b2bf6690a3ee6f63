import { Histogram, quantile } from '../runtime/histogram.js'
import type { Labels, Metric } from './metric.js'

/** A histogram as plain numbers; `null` without observations. */
export interface HistogramFigures {
  readonly count: number
  readonly sum: number
  readonly avg: number | null
  readonly min: number | null
  readonly max: number | null
  /** The latest ten, oldest first. */
  readonly recent: readonly { readonly value: number; readonly timestamp: string }[]
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  /** Observations up to and including each bound. */
  readonly buckets: Readonly<Record<string, number>>
}

/**
 * All metrics by name; one with labels has an entry per combination, such as
 * `errors_total[error_type=VOTING_ERROR,severity=info]`, and, for counters and histograms, one for the total.
 */
export interface Figures {
  readonly counters: Record<string, number>
  readonly gauges: Record<string, number>
  readonly histograms: Record<string, HistogramFigures>
}

/** Reads all metrics now. */
export function figuresOf(metrics: readonly Metric[]): Figures {
  const figures: Figures = { counters: {}, gauges: {}, histograms: {} }
  for (const metric of metrics) {
    switch (metric.type) {
      case 'histogram': {
        const series = metric.read()
        figures.histograms[metric.name] = summary(Histogram.merged(series.map(({ histogram }) => histogram)))
        for (const { labels, histogram } of series)
          figures.histograms[seriesOf(metric.name, labels)] = summary(histogram)
        break
      }
      case 'counter': {
        const samples = metric.read()
        figures.counters[metric.name] = samples.reduce((total, { value }) => total + value, 0)
        for (const { labels, value } of samples) figures.counters[seriesOf(metric.name, labels)] = value
        break
      }
      case 'gauge':
        for (const { labels, value } of metric.read()) figures.gauges[seriesOf(metric.name, labels)] = value
        break
    }
  }
  return figures
}

function summary(histogram: Histogram): HistogramFigures {
  const { bounds, sum, min, max, recent } = histogram
  const cumulative = histogram.cumulative()
  const count = cumulative.at(-1) ?? 0
  const names = [...bounds.map(String), '+Inf']
  return {
    count,
    sum,
    avg: count === 0 ? null : sum / count,
    min,
    max,
    recent: recent.map(({ value, at }) => ({ value, timestamp: new Date(at).toISOString() })),
    p50: quantile(bounds, cumulative, 0.5),
    p95: quantile(bounds, cumulative, 0.95),
    p99: quantile(bounds, cumulative, 0.99),
    buckets: Object.fromEntries(names.map((name, bucket) => [name, cumulative[bucket] ?? 0])),
  }
}

function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => `${label}=${value}`)
  return pairs.length === 0 ? name : `${name}[${pairs.join(',')}]`
}
