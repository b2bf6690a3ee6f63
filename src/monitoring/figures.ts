import { quantile } from '../runtime/histogram.js'
import type { Labels, Metric } from './catalog.js'

/** A histogram in numbers that can be read as they are. */
export interface HistogramFigures {
  readonly count: number
  readonly sum: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  /** Observations up to and with each bound. */
  readonly buckets: Readonly<Record<string, number>>
}

/** All figures, by their series: the name, and the labels as Prometheus writes them. */
export interface Figures {
  readonly counters: Record<string, number>
  readonly gauges: Record<string, number>
  readonly histograms: Record<string, HistogramFigures>
}

/** Reads every figure now. */
export function figuresOf(metrics: readonly Metric[]): Figures {
  const figures: Figures = { counters: {}, gauges: {}, histograms: {} }
  for (const metric of metrics) {
    if (metric.type === 'histogram') {
      for (const { labels, histogram } of metric.read()) {
        const { bounds, sum } = histogram
        figures.histograms[seriesOf(metric.name, labels)] = summary(bounds, histogram.cumulative(), sum)
      }
    } else {
      const group = metric.type === 'counter' ? figures.counters : figures.gauges
      for (const { labels, value } of metric.read()) group[seriesOf(metric.name, labels)] = value
    }
  }
  return figures
}

function summary(bounds: readonly number[], cumulative: readonly number[], sum: number): HistogramFigures {
  const names = [...bounds.map(String), '+Inf']
  return {
    count: cumulative.at(-1) ?? 0,
    sum,
    p50: quantile(bounds, cumulative, 0.5),
    p95: quantile(bounds, cumulative, 0.95),
    p99: quantile(bounds, cumulative, 0.99),
    buckets: Object.fromEntries(names.map((name, bucket) => [name, cumulative[bucket] ?? 0])),
  }
}

function seriesOf(name: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}
