import * as z from 'zod'
import { eventView } from './events.js'
import { sessionId, timestamp, userId, version } from './scalars.js'
import { settingsView } from './settings.js'
import { storiesVersion, storyView } from './stories.js'
import { mobileView, roundView, sessionSummaryView, sessionView, statisticsView } from './views.js'

/** The answers to successful requests (contract section 5). */

const userToken = z.string().meta({ description: 'secret; shown only once' })

export const createdView = z.strictObject({
  session_id: sessionId,
  user_id: userId,
  user_token: userToken,
  join_url: z.string(),
  session: sessionView,
})

export const joinedView = z.strictObject({ user_id: userId, user_token: userToken, session: sessionView })

export const sessionsView = z.array(sessionSummaryView)

export const doneView = z.strictObject({ success: z.literal(true), message: z.string() })

export const extendedView = doneView.extend({ expires_at: timestamp })

export const startedView = doneView.extend({ round: roundView })

export const revealedView = doneView.extend({ round: roundView, statistics: statisticsView })

export const settingsChangedView = doneView.extend({ settings: settingsView })

export const roundExtendedView = doneView.extend({ round_ends_at: timestamp.nullable() })

export const storyChangedView = doneView.extend({ story: storyView, stories_version: storiesVersion })

export const storyRemovedView = doneView.extend({ stories_version: storiesVersion })

export const eventsView = z.strictObject({
  events: z.array(eventView),
  state_version: version.meta({
    description: 'version of the last event returned: use it as `after` in the next request',
  }),
  more: z.boolean().meta({ description: 'more events are available: poll again' }),
})

export const healthView = z.strictObject({
  status: z.literal('healthy'),
  timestamp,
  version: z.string(),
  uptime_seconds: z.number(),
})

export const liveView = z.strictObject({ status: z.literal('live') })
export const readyView = z.strictObject({
  status: z
    .enum(['ready', 'degraded'])
    .meta({ description: '`degraded`: the command log is away, but reads are served' }),
})

export const optimizedView = z.strictObject({
  success: z.literal(true),
  optimizations: mobileView,
  recommendations: z.array(z.string()),
})

export const heartbeatView = z.strictObject({
  connected: z.boolean().meta({ description: 'whether they have an open stream or a waiting poll' }),
  timestamp,
  next_heartbeat: z.number().positive().meta({ description: 'seconds until the next call is due' }),
})

export const touchVotedView = z.strictObject({
  success: z.literal(true),
  vote_registered: z.string(),
  haptic_feedback: z.literal('light_tap'),
  touch_metadata: z
    .strictObject({ coordinates: z.unknown(), pressure: z.unknown(), timestamp: z.unknown() })
    .meta({ description: 'as it was sent; null if nothing was' }),
})

export type OptimizedView = z.infer<typeof optimizedView>
export type HeartbeatView = z.infer<typeof heartbeatView>
export type TouchVotedView = z.infer<typeof touchVotedView>
