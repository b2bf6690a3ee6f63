import type { Round } from '../../../machines/session/context.js'
import { roundOf, statisticsViewOf } from '../../wire/project.js'
import { executeOrThrow } from '../execute.js'
import type { Handlers } from '../route.js'

/** Rounds: start, vote, reveal (contract section 5). */
export const votingRoutes = {
  startRound: ({ services, host, by }) => {
    const roundId = services.ids.roundId()
    const { snapshot } = executeOrThrow(host, { type: 'round.start', at: services.clock.now(), by, roundId })
    return { success: true, message: 'The round is open.', round: roundOf(roundIn(snapshot.context)) }
  },

  castVote: ({ services, host, by, body }) => {
    executeOrThrow(host, { type: 'vote.cast', at: services.clock.now(), by, value: body.vote })
    return { success: true, message: 'Your vote counts.' }
  },

  revealVotes: ({ services, host, by }) => {
    const { snapshot } = executeOrThrow(host, { type: 'round.reveal', at: services.clock.now(), by })
    const round = roundIn(snapshot.context)
    if (round.statistics === null) throw new Error('a revealed round has no statistics')
    return {
      success: true,
      message: 'The votes are revealed.',
      round: roundOf(round),
      statistics: statisticsViewOf(round.statistics),
    }
  },
} satisfies Partial<Handlers>

function roundIn({ round }: { readonly round: Round | null }): Round {
  if (round === null) throw new Error('a session in which a round was started has none')
  return round
}
