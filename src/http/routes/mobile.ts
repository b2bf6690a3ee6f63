import { participantOf } from '../../../machines/session/context.js'
import { mobileProfile } from '../../../machines/session/mobile.js'
import { openStreams } from '../../../machines/session/presence.js'
import { WireError } from '../../wire/errors.js'
import { iso, mobileOf } from '../../wire/project.js'
import type { MobileView } from '../../wire/views.js'
import type { Handlers } from '../route.js'

/** A heartbeat's lease lasts this many times the interval in its answer. */
const LEASE_INTERVALS = 2.5
/** How much of a network type is examined, in code units. */
const NETWORK_TYPE_LENGTH_MAX = 32
const BATTERY_PERCENT = /^\d{1,3}(\.\d+)?$/

const OPTIMIZATION_TYPES = [
  'event_batching',
  'reduced_animations',
  'network_adaptive',
  'touch_optimized',
] as const

/** Adapting to phones (contract section 5, "Mobile"). */
export const mobileRoutes = {
  optimizeMobile: ({ services, by, query, request, execute }) => {
    const { config } = services
    const batteryPercent = batteryOf(query.battery_level)
    const networkType = networkTypeOf(request.get('X-Network-Type'))
    // Conditions that must not be adapted to are treated as the best possible.
    const conditions = {
      batteryPercent: config.MOBILE_BATTERY_OPTIMIZATION ? batteryPercent : 100,
      networkType: config.NETWORK_ADAPTIVE_FEATURES ? networkType : null,
    }
    const profile = mobileProfile(by, conditions, config.MOBILE_HEARTBEAT_INTERVAL / 1_000)
    return execute({ type: 'mobile.optimize', at: services.clock.now(), by, profile }, () => {
      const optimizations = mobileOf(profile)
      for (const type of OPTIMIZATION_TYPES)
        if (optimizations[type]) services.telemetry.mobileOptimizations[type] += 1
      return { success: true, optimizations, recommendations: recommendationsFor(optimizations) }
    })
  },

  heartbeat: ({ services, host, by, execute }) => {
    const { context } = host.snapshot
    const profile = context.mobile.find((other) => other.userId === by)
    const intervalSeconds = profile?.heartbeatSeconds ?? services.config.MOBILE_HEARTBEAT_INTERVAL / 1_000
    const leaseMs = LEASE_INTERVALS * intervalSeconds * 1_000
    const at = services.clock.now()
    return execute({ type: 'presence.heartbeat', at, userId: by, leaseMs }, ({ snapshot }) => {
      const participant = participantOf(snapshot.context, by)
      return {
        connected: participant !== undefined && openStreams(participant) > 0,
        timestamp: iso(at),
        next_heartbeat: intervalSeconds,
      }
    })
  },

  touchVote: ({ services, by, body, execute }) => {
    const command = { type: 'vote.cast', at: services.clock.now(), by, value: body.vote } as const
    return execute(command, () => ({
      success: true,
      vote_registered: body.vote,
      haptic_feedback: 'light_tap',
      touch_metadata: {
        coordinates: body.touch_coordinates ?? null,
        pressure: body.pressure ?? null,
        timestamp: body.touch_timestamp ?? null,
      },
    }))
  },
} satisfies Partial<Handlers>

function batteryOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const percent = BATTERY_PERCENT.test(text) ? Number(text) : Number.NaN
  if (percent >= 0 && percent <= 100) return percent
  throw new WireError('MOBILE_OPTIMIZATION_ERROR', {
    context: { optimization_type: 'battery_level', battery_level: text.slice(0, 20) },
  })
}

/** @returns `null` for one that is too long to be valid */
export function networkTypeOf(header: string | undefined): string | null {
  return header === undefined || header.length > NETWORK_TYPE_LENGTH_MAX ? null : header.toLowerCase()
}

function recommendationsFor(optimizations: MobileView): string[] {
  const { event_batching, reduced_animations, network_adaptive } = optimizations
  return [
    ...(event_batching ? ['Enable battery optimization in app settings'] : []),
    ...(reduced_animations ? ['Turn off animations to save battery'] : []),
    ...(network_adaptive ? ['Consider switching to Wi-Fi for better experience'] : []),
  ]
}
