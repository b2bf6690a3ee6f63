import type { RoundId, UserId } from '../../../machines/ids.js'
import { ADA, BOB, CYD, MINUTE_MS } from '../../support/chart.js'
import { EAST, Recording, streams, WEST } from './recording.js'

const [DEE, EVE] = ['dee' as UserId, 'eve' as UserId]
/** Drops this far apart do not count as one network cut. */
const APART_MS = 20_000

const start = (id: string) => ({ type: 'round.start', by: ADA, roundId: id as RoundId }) as const

/** A day of network failures: reloads, leases, a lost node, a cut, hand-overs, a deserted session. */
export function outages(): Recording {
  const session = new Recording()
  session
    .do(streams(ADA, EAST, 1))
    .join(WEST, BOB, DEE)
    .join(EAST, CYD)
  session.do(start('round 1'), ...[ADA, BOB].map((by) => ({ type: 'vote.cast', by, value: '3' }) as const))
  comeAndGo(session)
  loseLeader(session)
  cutOff(session)
  handOver(session)
  desert(session)
  return expire(session)
}

/** Reloads and signs of life, few of which make an event. */
function comeAndGo(session: Recording): void {
  session.do(streams(BOB, WEST, 0), streams(BOB, EAST, 1), streams(BOB, EAST, 1))
  session.do({ type: 'presence.heartbeat', userId: CYD, leaseMs: 75_000 }).wait(76_000)
  session.do({ type: 'presence.seen', userId: CYD }, streams(DEE, WEST, 0)).wait(3_000)
  session.do({ type: 'presence.seen', userId: DEE }).wait(85_000)
  session.do({ type: 'participant.reconnect', by: DEE, known: { version: 9, checksum: null } })
  session.do({ type: 'presence.seen', userId: 'nobody' as UserId }, streams(DEE, WEST, 1))
}

function loseLeader(session: Recording): void {
  session
    .do(streams(ADA, EAST, 0))
    .wait(3 * MINUTE_MS + 10_000)
    .note()
  session.do({ type: 'vote.cast', by: BOB, value: '5' }, { type: 'session.pause', by: ADA })
  session.do(streams(ADA, EAST, 1), { type: 'vote.cast', by: BOB, value: '5' })
}

/** A node is lost with three of four people; two are back in time, one never returns. */
function cutOff(session: Recording): void {
  session.do({ type: 'node.lost', node: EAST }, streams(BOB, WEST, 1)).wait(16_000)
  session.do({ type: 'round.reveal', by: ADA }).note()
  session.do({ type: 'participant.reconnect', by: ADA, known: null }, streams(ADA, WEST, 1))
  session.do({ type: 'vote.cast', by: CYD, value: '8' }, { type: 'round.reveal', by: ADA })
  session.wait(6 * MINUTE_MS).do({ type: 'presence.heartbeat', userId: CYD, leaseMs: 75_000 })
  session.do({ type: 'log.forked', version: 99 }, { type: 'node.lost', node: EAST, returnMs: 9_000 })
  session.do(streams(CYD, WEST, 1))
}

/** The Scrum Master stays away: the next one leads, until they are away too and name another. */
function handOver(session: Recording): void {
  session.do(start('round 2'), streams(ADA, WEST, 0)).wait(6 * MINUTE_MS)
  session.do({ type: 'presence.heartbeat', userId: CYD, leaseMs: 75_000 }, streams(BOB, WEST, 0)).wait(3_000)
  session.do({ type: 'leadership.transfer', by: BOB, to: DEE })
  session.do(streams(BOB, WEST, 1), streams(ADA, WEST, 1)).wait(APART_MS)
  // Nobody is left to wait for her.
  session.do(streams(DEE, WEST, 0)).wait(APART_MS)
  session.do(...[ADA, BOB, CYD].map((by) => ({ type: 'participant.leave', by }) as const))
}

/** Everybody leaves, one by one; a stranger waits for one of them, and no process is there for a while. */
function desert(session: Recording): void {
  session
    .do(streams(DEE, EAST, 1))
    .join(WEST, ADA, BOB)
    .do({ ...start('round 3'), by: DEE })
  session
    .do(streams(ADA, WEST, 0))
    .wait(APART_MS)
    .do(streams(BOB, WEST, 0))
    .wait(APART_MS)
  session
    .do(streams(DEE, EAST, 0))
    .sleep(7 * MINUTE_MS)
    .note()
  session.join(EAST, EVE).do({ type: 'session.resume', by: DEE })
  session.do({ type: 'participant.reconnect', by: BOB, known: { version: 3, checksum: 'ab' } })
  session.do({ type: 'vote.cast', by: BOB, value: '1' }, { type: 'round.reveal', by: BOB })
}

/** Everybody is present but nobody does anything, twice. */
function expire(session: Recording): Recording {
  session
    .do(streams(BOB, WEST, 1))
    .wait(26 * MINUTE_MS)
    .note()
  return session.do({ type: 'session.extend', by: EVE }).wait(31 * MINUTE_MS)
}
