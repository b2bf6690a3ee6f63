import type { AnyEnvelope, SessionView } from '../../client/client.js'
import { alarm, announce, silence } from '../live/announcer.js'
import { cardName } from '../parts/card-face.js'
import type { WordKey } from '../words/catalogue.js'
import { numeral, say } from '../words/say.js'
import { outcomeOf } from './outcome.js'
import { sentenceOf } from './sentence.js'
import { countOf, nextLeader, personOf } from './view.js'

/**
 * Announces what happens at the table to people who do not see it: what a sighted person would find useful,
 * once, and never a hidden card.
 * @param session - after the event
 * @param before - before it, for the names of those who have left
 */
export function narrate(
  frame: AnyEnvelope,
  session: SessionView,
  before: SessionView | null,
  ownId: string | null,
): void {
  switch (frame.type) {
    case 'user_joined':
      if (frame.data.user_id !== ownId)
        announce(
          topicOf(frame.data.user_id),
          sayOf(frame.data.reconnected ? 'isBack' : 'hasJoined', frame.data.user.name),
        )
      return
    case 'user_left': {
      const name = nameIn(before, frame.data.user_id)
      announce(
        topicOf(frame.data.user_id),
        sayOf(frame.data.reason === 'kicked' ? 'wasRemoved' : 'hasLeft', name),
      )
      return
    }
    case 'user_disconnected':
      announce(topicOf(frame.data.user_id), sayOf('isAway', nameIn(session, frame.data.user_id)))
      return
    case 'voting_started':
      silence('votes')
      announce('round', roundWords(session))
      return
    case 'vote_submitted':
    case 'vote_withdrawn':
      announce('votes', countWords(session))
      return
    case 'vote_changed':
      announce(
        'changed',
        say('changedCard', {
          name: nameIn(session, frame.data.user_id),
          card: cardName(frame.data.vote.value ?? ''),
        }),
      )
      return
    case 'round_timer_ended':
      announce('round', say('timeIsUp'))
      return
    case 'estimate_accepted':
      announce('round', say('acceptedNow', { card: cardName(frame.data.estimate) }))
      return
    case 'user_nudged':
      if (frame.data.user_id === ownId) alarm(sayOf('asksForCard', nameIn(session, frame.data.by)))
      return
    case 'votes_revealed':
      silence('votes')
      announce('round', resultWords(session, ownId))
      return
    case 'session_paused':
      announce('status', say('pausedNow'))
      return
    case 'session_resumed':
      announce('status', say('resumedNow'))
      return
    case 'grace_period_started':
      announce('status', graceWords(session, ownId))
      return
    case 'scrum_master_changed':
      if (frame.data.scrum_master_id === ownId) alarm(`${say('youLeadNow')} ${say('youLeadNote')}`)
      else announce('status', sayOf('leadsNow', nameIn(session, frame.data.scrum_master_id)))
      return
    case 'session_expiring':
      alarm(say('expiresSoon'))
      return
    default:
  }
}

/** The topic of what is announced about a person. */
export function topicOf(userId: string): string {
  return `person ${userId}`
}

/** "5 of 7 have voted." */
export function countWords(session: SessionView): string {
  const { voted, of, missing } = countOf(session)
  if (missing.length === 0 && voted > 0) return say('allVoted')
  return say('meanwhileVoted', { count: voted, voted: numeral(voted), of: numeral(of) })
}

function roundWords({ current_round }: SessionView): string {
  const title = current_round?.story?.title
  return title === undefined ? say('roundBegins') : say('roundBeginsWith', { title })
}

function resultWords(session: SessionView, ownId: string | null): string {
  const round = session.current_round
  return round === null
    ? ''
    : say('revealedNow', { result: sentenceOf(outcomeOf(session, round, ownId, null)) })
}

function graceWords(session: SessionView, ownId: string | null): string {
  const next = nextLeader(session)
  const waiting = say('waitingForLeader', { name: nameIn(session, session.scrum_master_id) })
  if (next === null) return waiting
  return `${waiting} ${next.id === ownId ? say('thenYouLead') : say('thenLeads', { name: next.name })}`
}

function sayOf(key: WordKey, name: string): string {
  return say(key, { name })
}

function nameIn(session: SessionView | null, userId: string): string {
  return (session === null ? null : personOf(session, userId))?.name ?? say('somebody')
}
