import { revealedRounds } from '../../../machines/session/rounds.js'
import { exportFileName } from '../../wire/export.js'
import { exportPieces } from '../../wire/export-formats.js'
import { roundEndsAt } from '../../wire/project.js'
import { rulesWish, settingsOf } from '../../wire/settings.js'
import type { Handlers } from '../route.js'
import { sendPieces } from '../send-pieces.js'
import { historyIn } from '../session-lists.js'

/** What a team may want besides voting (contract section 9): settings, roles, time, estimates, results. */
export const estimationRoutes = {
  changeSettings: ({ services, by, body, execute }) => {
    const command = { type: 'settings.change', at: services.clock.now(), by, wish: rulesWish(body) } as const
    return execute(command, ({ snapshot }) => ({
      success: true,
      message: 'The settings are changed.',
      settings: settingsOf(snapshot.context.rules),
    }))
  },

  changeRole: ({ services, by, body, execute }) => {
    const { role, user_id: userId = by } = body
    const command = { type: 'role.change', at: services.clock.now(), by, userId, role } as const
    return execute(command, () => ({ success: true, message: 'The role is changed.' }))
  },

  extendRound: ({ services, by, body, execute }) => {
    const command = { type: 'round.extend', at: services.clock.now(), by, ms: body.seconds * 1_000 } as const
    return execute(command, ({ snapshot }) => ({
      success: true,
      message: 'The round lasts longer.',
      round_ends_at: roundEndsAt(snapshot.context),
    }))
  },

  acceptEstimate: ({ services, by, body, execute }) => {
    const command = { type: 'round.accept', at: services.clock.now(), by, estimate: body.estimate } as const
    return execute(command, () => ({ success: true, message: 'The estimate is recorded.' }))
  },

  nudgeParticipant: ({ services, by, params, execute }) => {
    const at = services.clock.now()
    const command = { type: 'participant.nudge', at, by, userId: params.user_id } as const
    return execute(command, () => ({ success: true, message: 'They are asked for their card.' }))
  },

  history: ({ host }) => historyIn(host.snapshot.context),

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
