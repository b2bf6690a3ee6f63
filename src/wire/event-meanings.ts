import type { EventType } from './events.js'

/** What each type of frame says, in one sentence; notices are marked by having no number of their own. */
export const EVENT_MEANINGS: Readonly<Record<EventType, string>> = {
  session_updated:
    'The whole session: the first frame of a fresh connection (a notice), and the answer to somebody who put the expiry off (an event).',
  user_joined: 'Somebody took a seat, or came back (`reconnected`).',
  user_left: 'Somebody left, or was sent away; a vote that was not revealed goes with them.',
  user_disconnected: 'The last stream of a participant has been closed for longer than a page refresh.',
  voting_started: 'A new round is open; the votes of the last one are gone.',
  vote_submitted: 'Somebody voted, or changed their vote; which card, nobody sees yet.',
  votes_revealed: 'The votes of the round, and what they come to.',
  round_completed: 'The cards are turned: `REVEAL_SECONDS` after the reveal, or in the same step.',
  session_paused: 'The Scrum Master interrupts the session, or the grace period ended with nobody there.',
  session_resumed: 'The session goes on where it was.',
  session_expiring: 'Nobody did anything for a while; the session ends unless somebody does.',
  session_expired: 'The session is over. The last event; the stream ends after it.',
  scrum_master_changed: 'Another leads from now on.',
  grace_period_started: 'The Scrum Master is away; the session waits for them.',
  grace_period_warning: 'The time for the Scrum Master to come back is running out.',
  grace_period_ended: 'The wait is over: they are back, another leads, or the time is up.',
  session_capacity_warning: 'The server has one place left for a session, or none. A notice.',
  mobile_optimization_applied: "A participant's streams are served as their phone asks.",
  state_sync_required: 'The whole session, because the events before it are not to be had. A notice.',
  error_recovery_needed:
    'The session failed and was restarted from its last good state, which follows. A notice.',
  network_partition_detected:
    'Many dropped at once (`success` false), or the last of them is back (`success` true).',
}
