import type { CommandLog } from '../runtime/command-log.js'
import type { LogFigures } from '../runtime/log-figures.js'
import { catalog, type Sources } from './catalog.js'
import { type Figures, figuresOf } from './figures.js'
import { Health, type HealthOptions } from './health.js'
import type { LogSources } from './log-metrics.js'
import { Overdue } from './overdue.js'

/** The measuring instruments. */
export interface Instruments {
  readonly health: Health
  /** `null`: there is no external command log. */
  readonly log: LogSources | null
  figures(): Figures
  /** Measures what takes more than one turn of the event loop: how late timers are, with a command log. */
  look(): Promise<void>
  /** The metrics in Prometheus' format, at most a second old: more frequent requests get the same bytes. */
  exposition(): Promise<Exposition>
}

export interface Exposition {
  readonly contentType: string
  readonly bytes: Buffer
}

/** How long the same text is reused. */
const SHOWN_MS = 1_000

export type InstrumentsOptions = HealthOptions & Omit<Sources, 'health' | 'log'> & LogOptions

/** The command log and its figures; `null`: there is no external one. */
export interface LogOptions {
  readonly commandLog: Pick<CommandLog, 'isAvailable' | 'nodes'>
  readonly logFigures: LogFigures | null
}

/** Sets up the instruments and starts measuring the health. */
export function createInstruments(options: InstrumentsOptions): Instruments {
  const health = new Health(options)
  const { commandLog, logFigures, supervisor, clock } = options
  const overdue = new Overdue(() => supervisor.sessions(), clock)
  const log = logFigures === null ? null : { commandLog, figures: logFigures, overdue }
  const look = () => (log === null ? Promise.resolve() : overdue.look())
  // When metrics are off, nothing is shown that could be mistaken for one.
  const metrics = options.telemetry.isCollecting ? catalog({ ...options, health, log }) : []
  const load = () => import('./prometheus.js').then((loaded) => loaded.prometheus(metrics))
  let prometheus: ReturnType<typeof load> | null = null
  let shown: { readonly at: number; readonly exposition: Promise<Exposition> } | null = null
  const write = async () => {
    prometheus ??= load()
    const { contentType, text } = await prometheus
    await look()
    return { contentType, bytes: Buffer.from(await text()) }
  }
  health.start()
  return {
    health,
    log,
    figures: () => figuresOf(metrics),
    look,
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
