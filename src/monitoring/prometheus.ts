import { readdir } from 'node:fs/promises'
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { Metric } from './metric.js'
import { exposition } from './exposition.js'

/**
 * All figures, and those of the process and of Node, in Prometheus' text format.
 * @returns what writes them, and its media type
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
