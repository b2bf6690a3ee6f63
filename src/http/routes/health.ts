import { VERSION } from '../../platform/version.js'
import type { SessionHost } from '../../runtime/session-host.js'
import { WireError } from '../../wire/errors.js'
import { iso } from '../../wire/project.js'
import type { Handlers, RouteOutput } from '../route.js'
import type { Services } from '../services.js'

const STALLED = 'The server stood still for a moment; it takes requests again shortly.'
const MINUTE_MS = 60_000
/** With this many free slots or fewer, the server is near capacity. */
const FREE_PLACES_NEAR = 1

/** The server's health (contract section 5). */
export const healthRoutes = {
  health: ({ services }) => ({
    status: 'healthy',
    timestamp: iso(services.clock.now()),
    version: VERSION,
    uptime_seconds: Math.round(process.uptime() * 1_000) / 1_000,
  }),

  live: () => ({ status: 'live' }),

  ready: ({ services }) => {
    const { supervisor, monitoring, commandLog } = services
    if (supervisor.isDraining) throw new WireError('SERVICE_UNAVAILABLE')
    if (!monitoring.isReady) throw new WireError('SERVICE_UNAVAILABLE', { detail: STALLED })
    return { status: commandLog.isAvailable ? 'ready' : 'degraded' }
  },

  healthStatus: (input) => {
    statusOf(input.services).then((view) => {
      const isGood = view.status === 'healthy' || view.status === 'degraded'
      input.reply(view, isGood ? 200 : 503)
    }, input.fail)
    return undefined
  },

  healthMetrics: ({ services, reply, fail }) => {
    const { monitoring, clock } = services
    monitoring
      .instruments()
      .then(async ({ figures, look }) => {
        await look()
        reply({ ...figures(), collection_time: iso(clock.now()) })
      })
      .catch(fail)
    return undefined
  },

  healthCapacity: ({ services: { supervisor, clock } }) => {
    const { active, max } = supervisor.capacity
    const hosts = [...supervisor.sessions()]
    const createdAt = (host: SessionHost) => host.snapshot.context.createdAt
    const oldestAt = hosts.reduce<number>((oldest, host) => Math.min(oldest, createdAt(host)), clock.now())
    return {
      active_sessions: active,
      max_sessions: max,
      available_slots: Math.max(0, max - active),
      capacity_utilization: (active / max) * 100,
      at_capacity: active >= max,
      near_capacity: max - active <= FREE_PLACES_NEAR,
      active_session_ids: hosts.filter(isListed).map((host) => host.id),
      oldest_session_age_minutes:
        hosts.length === 0 ? null : Math.floor((clock.now() - oldestAt) / MINUTE_MS),
    }
  },

  healthChecks: ({ services, reply, fail }) => {
    services.monitoring
      .instruments()
      .then(({ health }) => health.check())
      .then(reply, fail)
    return undefined
  },

  metrics: ({ services, response, fail }) => {
    if (!services.config.METRICS_ENABLED) throw new WireError('NOT_FOUND')
    services.monitoring
      .instruments()
      .then(({ exposition }) => exposition())
      .then(({ contentType, bytes }) => response.set('Content-Type', contentType).send(bytes))
      .catch(fail)
    return undefined
  },
} satisfies Partial<Handlers>

/** Sessions that are not listed are reachable only by their link. */
function isListed(host: SessionHost): boolean {
  return host.snapshot.context.rules.isListed
}

async function statusOf(services: Services): Promise<RouteOutput<'healthStatus'>> {
  const instruments = await services.monitoring.instruments()
  const { healthStatus } = await import('../health-views.js')
  await instruments.look()
  return healthStatus(services, instruments, await instruments.health.latest())
}
