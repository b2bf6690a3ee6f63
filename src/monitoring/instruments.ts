import { catalog, type Sources } from './catalog.js'
import { type Figures, figuresOf } from './figures.js'
import { Health, type HealthOptions } from './health.js'

/** What measures and counts for whoever asks. */
export interface Instruments {
  readonly health: Health
  figures(): Figures
  /** The figures as Prometheus reads them, at most a second old: who asks more often gets the same bytes. */
  exposition(): Promise<Exposition>
}

export interface Exposition {
  readonly contentType: string
  readonly bytes: Buffer
}

/** For this long the same text is shown again. */
const SHOWN_MS = 1_000

export type InstrumentsOptions = HealthOptions & Omit<Sources, 'health'>

/** Sets the instruments up; the health is measured from now on. */
export function createInstruments(options: InstrumentsOptions): Instruments {
  const health = new Health(options)
  // Off, nothing is shown that anybody could take for a figure.
  const metrics = options.telemetry.isCollecting ? catalog({ ...options, health }) : []
  const load = () => import('./prometheus.js').then((loaded) => loaded.prometheus(metrics))
  let prometheus: ReturnType<typeof load> | null = null
  let shown: { readonly at: number; readonly exposition: Promise<Exposition> } | null = null
  const write = async () => {
    prometheus ??= load()
    const { contentType, text } = await prometheus
    return { contentType, bytes: Buffer.from(await text()) }
  }
  health.start()
  return {
    health,
    figures: () => figuresOf(metrics),
    exposition: () => {
      const now = options.telemetry.now()
      if (shown === null || now - shown.at >= SHOWN_MS) {
        const exposition = write()
        shown = { at: now, exposition }
        exposition.catch(() => {
          shown = null
        })
      }
      return shown.exposition
    },
  }
}
