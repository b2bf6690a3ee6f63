import { VERSION } from '../../platform/version.js'
import { WireError } from '../../wire/errors.js'
import { iso } from '../../wire/project.js'
import type { Handlers } from '../route.js'

/** Whether the server works (contract section 5). */
export const healthRoutes = {
  health: ({ services }) => ({
    status: 'healthy',
    timestamp: iso(services.clock.now()),
    version: VERSION,
    uptime_seconds: Math.round(process.uptime() * 1_000) / 1_000,
  }),

  live: () => ({ status: 'live' }),

  ready: ({ services }) => {
    if (services.supervisor.isDraining) throw new WireError('SERVICE_UNAVAILABLE')
    return { status: 'ready' }
  },
} satisfies Partial<Handlers>
