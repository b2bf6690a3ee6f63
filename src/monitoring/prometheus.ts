import { readdir } from 'node:fs/promises'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Metric } from './catalog.js'

type Shown = Awaited<ReturnType<Gauge['get']>>

interface Value {
  readonly metricName?: string
  readonly labels: Record<string, string | number>
  readonly value: number
}

/** Reads what it shows when it is asked, and is what the metric says it is. */
class ReadGauge extends Gauge {
  readonly #metric: Metric

  constructor(metric: Metric, registry: Registry) {
    super({ name: metric.name, help: metric.help, registers: [registry] })
    this.#metric = metric
    Object.assign(this, { type: metric.type })
  }

  override async get(): Promise<Shown> {
    return { ...(await super.get()), values: valuesOf(this.#metric) }
  }
}

/**
 * All figures, and those of the process and of Node, in Prometheus' text format.
 * @returns what writes them, and its media type
 */
export function prometheus(metrics: readonly Metric[]): {
  readonly contentType: string
  readonly text: () => Promise<string>
} {
  const registry = new Registry()
  for (const metric of metrics) new ReadGauge(metric, registry)
  collectDefaultMetrics({ register: registry })
  dropListings(registry)
  countFilesAside(registry)
  return { contentType: registry.contentType, text: () => registry.metrics() }
}

/** Figures that list every socket each time: their number is known as that of the streams. */
function dropListings(registry: Registry): void {
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_active_')) registry.removeSingleMetric(name)
  }
}

/** The library counts open files while everything waits, which takes milliseconds with thousands of streams. */
function countFilesAside(registry: Registry): void {
  const name = 'process_open_fds'
  if (registry.getSingleMetric(name) === undefined) return
  registry.removeSingleMetric(name)
  new Gauge({
    name,
    help: 'Number of open file descriptors.',
    registers: [registry],
    async collect() {
      this.set((await readdir('/proc/self/fd')).length)
    },
  })
}

function valuesOf(metric: Metric): Value[] {
  if (metric.type !== 'histogram') return metric.read().map(({ labels, value }) => ({ labels, value }))
  return metric.read().flatMap(({ labels, histogram }) => {
    const cumulative = histogram.cumulative()
    const bucket = (le: number | string, value: number) => ({
      metricName: `${metric.name}_bucket`,
      labels: { ...labels, le },
      value,
    })
    const count = cumulative.at(-1) ?? 0
    return [
      ...histogram.bounds.map((bound, index) => bucket(bound, cumulative[index] ?? 0)),
      bucket('+Inf', count),
      { metricName: `${metric.name}_sum`, labels, value: histogram.sum },
      { metricName: `${metric.name}_count`, labels, value: count },
    ]
  })
}
