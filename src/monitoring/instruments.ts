import { catalog, type Sources } from './catalog.js'
import { type Figures, figuresOf } from './figures.js'
import { Health, type HealthOptions } from './health.js'

/** What measures and counts for whoever asks. */
export interface Instruments {
  readonly health: Health
  figures(): Figures
  /** The figures as Prometheus reads them. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>
}

export type InstrumentsOptions = HealthOptions & Omit<Sources, 'health'>

/** Sets the instruments up; the health is measured from now on. */
export function createInstruments(options: InstrumentsOptions): Instruments {
  const health = new Health(options)
  // Off, nothing is shown that anybody could take for a figure.
  const metrics = options.telemetry.isCollecting ? catalog({ ...options, health }) : []
  const load = () => import('./prometheus.js').then((loaded) => loaded.prometheus(metrics))
  let prometheus: ReturnType<typeof load> | null = null
  health.start()
  return {
    health,
    figures: () => figuresOf(metrics),
    exposition: async () => {
      prometheus ??= load()
      const { contentType, text } = await prometheus
      return { contentType, text: await text() }
    },
  }
}
