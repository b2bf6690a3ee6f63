import type { SessionContext } from '../../../machines/session/context.js'
import { roundOf } from '../../wire/project.js'
import type { Handlers, RouteInput } from '../route.js'

/** Rounds: start, vote, reveal (contract section 5). */
export const votingRoutes = {
  startRound: ({ services, ids, by, body, execute }) => {
    const { clock } = services
    const command = { type: 'round.start', at: clock.now(), by, roundId: ids.roundId() } as const
    const story = storyWanted(ids, body)
    return execute(story === null ? command : { ...command, story }, ({ snapshot }) => ({
      success: true,
      message: 'The round is open.',
      round: roundIn(snapshot.context),
    }))
  },

  castVote: ({ services, by, body, execute }) => {
    const at = services.clock.now()
    if (body.vote === null) {
      const message = 'Your card is off the table.'
      return execute({ type: 'vote.withdraw', at, by }, () => ({ success: true, message }))
    }
    const command = { type: 'vote.cast', at, by, value: body.vote } as const
    return execute(command, () => ({ success: true, message: 'Your vote counts.' }))
  },

  revealVotes: ({ services, by, execute }) => {
    return execute({ type: 'round.reveal', at: services.clock.now(), by }, ({ snapshot }) => {
      const round = roundIn(snapshot.context)
      if (round.statistics === null) throw new Error('a revealed round has no statistics')
      return { success: true, message: 'The votes are revealed.', round, statistics: round.statistics }
    })
  },
} satisfies Partial<Handlers>

/** The round's story; `null`: none. A title creates a new one. */
function storyWanted(ids: RouteInput<'startRound'>['ids'], body: RouteInput<'startRound'>['body']) {
  if (body?.story_id != null) return { id: body.story_id }
  if (body?.title == null) return null
  return { draft: { id: ids.storyId(), title: body.title, link: null, notes: null, estimate: null } }
}

function roundIn(context: SessionContext) {
  const round = roundOf(context)
  if (round === null) throw new Error('a session in which a round was started has none')
  return round
}
