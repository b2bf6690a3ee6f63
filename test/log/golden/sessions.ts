import type { RoundId } from '../../../machines/ids.js'
import { ADA, BOB, MINUTE_MS, SETTINGS } from '../../support/chart.js'
import { crowd } from './crowd.js'
import { meeting } from './meeting.js'
import { outages } from './outages.js'
import { EAST, Recording, streams, WEST } from './recording.js'

/** What is recorded, by name. To add to it, add another session: existing ones stay as they are. */
export const SESSIONS: Readonly<Record<string, () => Recording>> = {
  meeting,
  outages,
  crowd,
  'life-over': lifeOver,
  'two-ends': twoEnds,
  'late-guest': lateGuest,
  empty: () => new Recording().do({ type: 'participant.leave', by: ADA }),
  deserted: () => new Recording().wait(2 * MINUTE_MS).do({ type: 'session.terminate', reason: 'deserted' }),
  failed: () => new Recording().do({ type: 'session.terminate', reason: 'failed' }),
}

/** A session whose time is up in the middle of a round; its cards are revealed at once. */
function lifeOver(): Recording {
  const settings = { ...SETTINGS, revealMs: 0, lifeMs: 8 * MINUTE_MS, idleMs: 20 * MINUTE_MS }
  const rules = { deck: { name: null, cards: ['½', '1', '2', '?'] }, isListed: false }
  const session = new Recording({ settings, rules }).do(streams(ADA, EAST, 1)).join(WEST, BOB)
  for (const roundId of ['round 1', 'round 2'].map((id) => id as RoundId)) {
    session.do(
      { type: 'round.start', by: ADA, roundId },
      { type: 'vote.cast', by: ADA, value: '½' },
      { type: 'vote.cast', by: BOB, value: '2' },
      { type: 'round.reveal', by: ADA },
    )
    session.wait(3 * MINUTE_MS)
  }
  return session
    .note()
    .do({ type: 'round.start', by: ADA, roundId: 'round 3' as RoundId })
    .wait(3 * MINUTE_MS)
}

/** A session whose idle time would be over first, and then its lifetime. */
function twoEnds(): Recording {
  const settings = { ...SETTINGS, lifeMs: 8 * MINUTE_MS, idleMs: 3 * MINUTE_MS }
  const session = new Recording({ settings }).do(streams(ADA, EAST, 1))
  for (const minutes of [2.5, 2, 1.75])
    session.wait(minutes * MINUTE_MS).do({ type: 'session.extend', by: ADA })
  return session.wait(2 * MINUTE_MS)
}

/** A session in which somebody joins after its creator has gone away. */
function lateGuest(): Recording {
  return new Recording()
    .wait(2 * MINUTE_MS)
    .join(WEST, BOB)
    .wait(MINUTE_MS)
}
