import { readdir } from 'node:fs/promises'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { exposition } from './exposition.js'
import type { Metric } from './metric.js'

/**
 * All metrics, with those of the process and of Node, in Prometheus' text format.
 * @returns a function that writes them, and its media type
 */
export function prometheus(metrics: readonly Metric[]): {
  readonly contentType: string
  readonly text: () => Promise<string>
} {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  dropListings(registry)
  countFilesAside(registry)
  return {
    contentType: registry.contentType,
    text: async () => exposition(metrics) + (await registry.metrics()),
  }
}

/** Removes metrics that list every socket: their number is known from the streams. */
function dropListings(registry: Registry): void {
  for (const { name } of registry.getMetricsAsArray()) {
    if (name.startsWith('nodejs_active_')) registry.removeSingleMetric(name)
  }
}

/**
 * Counts open files in the background: the library does so synchronously, which takes milliseconds with
 * thousands of streams.
 */
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
