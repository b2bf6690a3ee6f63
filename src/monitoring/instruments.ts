import { catalog, type Sources } from './catalog.js'
import { type Figures, figuresOf } from './figures.js'
import type { CommandLog } from '../runtime/command-log.js'
import type { LogFigures } from '../runtime/log-figures.js'
import { Health, type HealthOptions } from './health.js'
import type { LogSources } from './log-metrics.js'
import { Overdue } from './overdue.js'

/** What measures and counts for whoever asks. */
export interface Instruments {
  readonly health: Health
  /** `null`: there is no command log beside the process. */
  readonly log: LogSources | null
  figures(): Figures
  /** Looks at what is too much for one turn of the event loop: how late timers are, where there is a command log. */
  look(): Promise<void>
  /** The figures as Prometheus reads them, at most a second old: who asks more often gets the same bytes. */
  exposition(): Promise<Exposition>
}

export interface Exposition {
  readonly contentType: string
  readonly bytes: Buffer
}

/** For this long the same text is shown again. */
const SHOWN_MS = 1_000

export type InstrumentsOptions = HealthOptions & Omit<Sources, 'health' | 'log'> & LogOptions

/** The command log, and what it says of itself; `null`: there is none beside the process. */
export interface LogOptions {
  readonly commandLog: Pick<CommandLog, 'isAvailable' | 'nodes'>
  readonly logFigures: LogFigures | null
}

/** Sets the instruments up; the health is measured from now on. */
export function createInstruments(options: InstrumentsOptions): Instruments {
  const health = new Health(options)
  const { commandLog, logFigures, supervisor, clock } = options
  const overdue = new Overdue(() => supervisor.sessions(), clock)
  const log = logFigures === null ? null : { commandLog, figures: logFigures, overdue }
  const look = () => (log === null ? Promise.resolve() : overdue.look())
  // Off, nothing is shown that anybody could take for a figure.
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
