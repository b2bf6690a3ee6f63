import * as z from 'zod'
import { sessionId, timestamp } from '../scalars.js'
import { sessionView } from '../views.js'
import { message, type NoticeRecord } from './record.js'

/** What was found to be corrupt in a session's state, and the outcome of the recovery. */
export const corruptionReportView = z.strictObject({
  corruption_type: z.string(),
  affected_session: sessionId,
  detected_at: timestamp,
  corruption_data: z.record(z.string(), z.unknown()),
  recovery_attempted: z.boolean(),
  recovery_successful: z.boolean(),
  backup_state_available: z.boolean(),
})

export type CorruptionReportView = z.infer<typeof corruptionReportView>

/** Frames that are not events of the session. */
export const NOTICES = {
  session_capacity_warning: {
    data: z.strictObject({
      active_sessions: z.int(),
      max_sessions: z.int(),
      available_slots: z.int(),
    }),
    meaning: 'The server has room for one more session, or none. A notice.',
  },

  state_sync_required: {
    data: z.strictObject({ reason: z.string(), session: sessionView }),
    meaning: 'The whole session, because the missed events are not available. A notice.',
  },

  error_recovery_needed: {
    data: z.strictObject({
      error_code: z.string(),
      message,
      recovery_actions: z.array(z.string()),
      corruption_report: corruptionReportView
        .optional()
        .meta({ description: 'only if a corrupt state was found' }),
    }),
    meaning: 'The session failed and was restarted from its last good state, which follows. A notice.',
  },
} as const satisfies Record<string, NoticeRecord>
