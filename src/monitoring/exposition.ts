import type { Histogram } from '../runtime/histogram.js'
import type { Labels, Metric } from './metric.js'

/** The prefix of every metric of this server. */
export const PREFIX = 'magnapp_'

/** All metrics in Prometheus' text format (version 0.0.4). */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(family).join('\n').concat('\n')
}

function family(metric: Metric): string {
  const name = PREFIX + metric.name
  const samples =
    metric.type === 'histogram'
      ? metric.read().flatMap(({ labels, histogram }) => buckets(name, labels, histogram))
      : metric.read().map(({ labels, value }) => line(name, labels, value))
  return [`# HELP ${name} ${escaped(metric.help)}`, `# TYPE ${name} ${metric.type}`, ...samples].join('\n')
}

function buckets(name: string, labels: Labels, histogram: Histogram): string[] {
  const cumulative = histogram.cumulative()
  const bounds = [...histogram.bounds.map(String), '+Inf']
  return [
    ...bounds.map((le, bucket) => line(`${name}_bucket`, { ...labels, le }, cumulative[bucket] ?? 0)),
    line(`${name}_sum`, labels, histogram.sum),
    line(`${name}_count`, labels, cumulative.at(-1) ?? 0),
  ]
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  )
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
