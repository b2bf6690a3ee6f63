import { revealedRounds } from '../../../machines/session/rounds.js'
import { exportPieces } from '../../wire/export-formats.js'
import { exportFileName } from '../../wire/export.js'
import { pastRoundOf } from '../../wire/history.js'
import { roundEndsAt } from '../../wire/project.js'
import { rulesWish, settingsOf } from '../../wire/settings.js'
import { executeOrThrow } from '../execute.js'
import type { Handlers } from '../route.js'
import { sendPieces } from '../send-pieces.js'

/** What a team may want beyond its cards (contract section 9): settings, roles, time, agreement, results. */
export const estimationRoutes = {
  changeSettings: ({ services, host, by, body }) => {
    const command = { type: 'settings.change', at: services.clock.now(), by, wish: rulesWish(body) } as const
    const { context } = executeOrThrow(host, command).snapshot
    return { success: true, message: 'The settings are changed.', settings: settingsOf(context.rules) }
  },

  changeRole: ({ services, host, by, body }) => {
    const { role, user_id = by } = body
    executeOrThrow(host, { type: 'role.change', at: services.clock.now(), by, userId: user_id, role })
    return { success: true, message: 'The role is changed.' }
  },

  extendRound: ({ services, host, by, body }) => {
    const command = { type: 'round.extend', at: services.clock.now(), by, ms: body.seconds * 1_000 } as const
    const { context } = executeOrThrow(host, command).snapshot
    return { success: true, message: 'The round lasts longer.', round_ends_at: roundEndsAt(context) }
  },

  acceptEstimate: ({ services, host, by, body }) => {
    executeOrThrow(host, { type: 'round.accept', at: services.clock.now(), by, estimate: body.estimate })
    return { success: true, message: 'The estimate is recorded.' }
  },

  nudgeParticipant: ({ services, host, by, params }) => {
    const at = services.clock.now()
    executeOrThrow(host, { type: 'participant.nudge', at, by, userId: params.user_id })
    return { success: true, message: 'They are asked for their card.' }
  },

  history: ({ host }) => ({ rounds: revealedRounds(host.snapshot.context).map(pastRoundOf) }),

  exportResults: ({ host, query, response }) => {
    const { context } = host.snapshot
    const { id, name, stories } = context
    const { mediaType, pieces } = exportPieces(query.format, {
      id,
      name,
      stories,
      rounds: revealedRounds(context),
    })
    response.attachment(exportFileName(name, query.format)).type(mediaType)
    sendPieces(response, pieces)
    return undefined
  },
} satisfies Partial<Handlers>
