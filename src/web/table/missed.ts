import type { AnyEnvelope, SessionView } from '../../client/client.js'
import { listed, say } from '../words/say.js'
import { personOf } from './view.js'

/*
 * What happened while the connection was down, in one sentence built from the replayed events: "You missed:
 * Bob and Cem voted, Ada revealed."
 */

/** The replayed events worth reporting, in order. */
export function missedSentence(
  frames: readonly AnyEnvelope[],
  session: SessionView,
  ownId: string | null,
): string | null {
  const round = latestRound(frames)
  const voted = names(session, ownId, round, 'vote_submitted')
  const parts = [
    part('missedJoined', names(session, ownId, frames, 'user_joined')),
    part('missedAway', names(session, ownId, frames, 'user_disconnected')),
    round.some(({ type }) => type === 'voting_started') ? say('missedStarted') : null,
    part('missedVoted', voted),
    round.some(({ type }) => type === 'votes_revealed') ? say('missedRevealed') : null,
    frames.some(({ type }) => type === 'session_paused') ? say('missedPaused') : null,
  ].filter((text) => text !== null)
  return parts.length === 0 ? null : say('youMissed', { what: parts.join(', ') })
}

/** Events before the latest round are not worth reporting any more. */
function latestRound(frames: readonly AnyEnvelope[]): readonly AnyEnvelope[] {
  const start = frames.findLastIndex(({ type }) => type === 'voting_started')
  return start < 0 ? frames : frames.slice(start)
}

function names(
  session: SessionView,
  ownId: string | null,
  frames: readonly AnyEnvelope[],
  type: 'vote_submitted' | 'user_joined' | 'user_disconnected',
): string[] {
  const ids = frames.flatMap((frame) =>
    frame.type === type && 'user_id' in frame.data ? [frame.data.user_id] : [],
  )
  return [...new Set(ids)].filter((id) => id !== ownId).flatMap((id) => personOf(session, id)?.name ?? [])
}

function part(key: 'missedJoined' | 'missedAway' | 'missedVoted', who: readonly string[]): string | null {
  return who.length === 0 ? null : say(key, { count: who.length, names: listed(who) })
}
