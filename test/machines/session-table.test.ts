import { type Position, refusal } from '../../machines/session/policy.js'
import type { SessionStatus } from '../../machines/session/status.js'
import {
  ADA,
  BOB,
  type Chart,
  CYD,
  chartIn,
  lost,
  MINUTE_MS,
  ROUND,
  returned,
  SETTINGS,
  TOKEN_DIGEST,
  type Untimed,
} from '../support/chart.js'

const START: Untimed = { type: 'round.start', by: ADA, roundId: ROUND }
const VOTE: Untimed = { type: 'vote.cast', by: BOB, value: '8' }
const REVEAL: Untimed = { type: 'round.reveal', by: ADA }
const PAUSE: Untimed = { type: 'session.pause', by: ADA }
const RESUME: Untimed = { type: 'session.resume', by: ADA }
const EXTEND: Untimed = { type: 'session.extend', by: BOB }
const END: Untimed = { type: 'session.end', by: ADA }
const DROP_LEADER: Untimed = lost(ADA)
const DROP_OTHER: Untimed = lost(BOB)
const RETURN_LEADER: Untimed = returned(ADA)
const LEADER_LEAVES: Untimed = { type: 'participant.leave', by: ADA }
const JOIN: Untimed = {
  type: 'participant.join',
  userId: CYD,
  name: 'Cyd',
  avatar: 'cat',
  tokenDigest: TOKEN_DIGEST,
}
const KICK: Untimed = { type: 'participant.kick', by: ADA, userId: BOB }
const TRANSFER: Untimed = { type: 'leadership.transfer', by: ADA, to: BOB }
const TERMINATE: Untimed = { type: 'session.terminate', reason: 'deserted' }

type From = SessionStatus | 'abandoned'

/** The contract's table of section 3, row by row: from, on, to, events. */
const TABLE: readonly (readonly [From, Untimed, SessionStatus, readonly string[]])[] = [
  ['waiting', START, 'voting', ['voting_started']],
  ['revealing', START, 'voting', ['voting_started']],
  ['results', START, 'voting', ['voting_started']],
  ['voting', VOTE, 'voting', ['vote_submitted']],
  ['voting', REVEAL, 'revealing', ['votes_revealed']],
  ...(['waiting', 'voting', 'revealing', 'results'] as const).map(
    (from) => [from, PAUSE, 'paused', ['session_paused']] as const,
  ),
  ['paused', RESUME, 'voting', ['session_resumed']],
  ...(['waiting', 'voting', 'revealing', 'results', 'paused'] as const).map(
    (from) => [from, DROP_LEADER, 'grace_period', ['user_disconnected', 'grace_period_started']] as const,
  ),
  ['grace_period', RETURN_LEADER, 'voting', ['user_joined', 'grace_period_ended']],
  [
    'grace_period',
    { type: 'participant.reconnect', by: ADA, known: null },
    'voting',
    ['user_joined', 'grace_period_ended'],
  ],
  ['grace_period', LEADER_LEAVES, 'voting', ['user_left', 'scrum_master_changed', 'grace_period_ended']],
  ...(['waiting', 'voting', 'revealing', 'results', 'paused'] as const).map(
    (from) => [from, LEADER_LEAVES, from, ['user_left', 'scrum_master_changed']] as const,
  ),
  ...(['waiting', 'voting', 'revealing', 'results', 'paused', 'grace_period', 'abandoned'] as const).flatMap(
    (from) => [
      [from, END, 'ended', ['session_expired']] as const,
      [from, TERMINATE, 'ended', ['session_expired']] as const,
    ],
  ),
  ['abandoned', RETURN_LEADER, 'voting', ['user_joined', 'session_resumed']],
  ['abandoned', returned(BOB), 'voting', ['user_joined', 'scrum_master_changed', 'session_resumed']],
  [
    'abandoned',
    { type: 'participant.reconnect', by: BOB, known: null },
    'voting',
    ['user_joined', 'scrum_master_changed', 'session_resumed'],
  ],
  // A newcomer waits with the others.
  ['abandoned', JOIN, 'paused', ['user_joined']],
  ...(['waiting', 'voting', 'revealing', 'results', 'paused', 'grace_period'] as const).flatMap((from) => [
    [from, JOIN, from, ['user_joined']] as const,
    [from, EXTEND, from, ['session_updated']] as const,
  ]),
  ...(['waiting', 'voting', 'revealing', 'results', 'paused'] as const).flatMap((from) => [
    [from, KICK, from, ['user_left']] as const,
    [from, TRANSFER, from, ['scrum_master_changed']] as const,
    [from, DROP_OTHER, from, ['user_disconnected']] as const,
  ]),
  // The Scrum Master is away, and the only other one is gone or leads: nobody is left to wait.
  ['grace_period', KICK, 'voting', ['user_left', 'grace_period_ended']],
  ['grace_period', TRANSFER, 'voting', ['scrum_master_changed', 'grace_period_ended']],
]

/** Every pair of status and command whose answer depends on the status and which the table omits. */
const UNLISTED: readonly (readonly [From, Untimed, string])[] = [
  ...(['waiting', 'revealing', 'results'] as const).flatMap((from) => [
    [from, VOTE, 'VOTING_ERROR'] as const,
    [from, REVEAL, 'VOTING_ERROR'] as const,
  ]),
  ['voting', START, 'VOTING_ERROR'],
  ...(['paused', 'abandoned'] as const).flatMap((from) => [
    ...[START, VOTE, REVEAL, PAUSE].map((command) => [from, command, 'SESSION_STATE_CONFLICT'] as const),
  ]),
  ['abandoned', RESUME, 'SESSION_STATE_CONFLICT'],
  ...[START, VOTE, REVEAL].map((command) => ['grace_period', command, 'GRACE_PERIOD_ERROR'] as const),
  ['grace_period', PAUSE, 'SESSION_STATE_CONFLICT'],
  ...(['waiting', 'voting', 'revealing', 'results', 'grace_period'] as const).map(
    (from) => [from, RESUME, 'SESSION_STATE_CONFLICT'] as const,
  ),
  ...[START, VOTE, REVEAL, PAUSE, RESUME, EXTEND, END, JOIN, KICK, TRANSFER, LEADER_LEAVES, DROP_LEADER].map(
    (command) => ['ended', command, 'SESSION_NOT_FOUND'] as const,
  ),
]

describe("the session chart is the contract's table", () => {
  test.each(TABLE)('%s + %j → %s, %j', (from, command, to, events) => {
    const chart = chartIn(from)
    const { version } = chart.context
    expect(refusal(positionOf(chart), command)).toBeNull()
    chart.send(command)
    expect(chart.status).toBe(to)
    expect(chart.newEvents()).toEqual(events)
    expect(chart.context.version).toBe(version + events.length)
  })

  test.each(UNLISTED)('%s + %j is refused with %s, without event or version', (from, command, code) => {
    const chart = chartIn(from)
    const before = chart.actor.getSnapshot()
    expect(refusal(positionOf(chart), command)?.code).toBe(code)
    expect(before.can({ ...command, at: chart.clock.now() })).toBe(false)
    chart.send(command)
    expect(chart.newEvents()).toEqual([])
    expect(chart.actor.getSnapshot().context).toEqual(before.context)
    expect(chart.status).toBe(from === 'abandoned' ? 'paused' : from)
  })

  test('every pair of status and command is in one of the two lists', () => {
    const statuses = ['waiting', 'voting', 'revealing', 'results', 'paused', 'grace_period'] as const
    const commands = [START, VOTE, REVEAL, PAUSE, RESUME, END, JOIN, KICK, TRANSFER, EXTEND, LEADER_LEAVES]
    const listed = new Set([...TABLE, ...UNLISTED].map(([from, command]) => `${from} ${command.type}`))
    const missing = statuses.flatMap((status) =>
      commands.map(({ type }) => `${status} ${type}`).filter((pair) => !listed.has(pair)),
    )
    expect(missing).toEqual([])
  })

  test.each([
    [START, 'UNAUTHORIZED'],
    [REVEAL, 'UNAUTHORIZED'],
    [PAUSE, 'UNAUTHORIZED'],
    [END, 'UNAUTHORIZED'],
    [{ type: 'participant.kick', by: BOB, userId: ADA } as const, 'UNAUTHORIZED'],
    [{ type: 'participant.kick', by: ADA, userId: ADA } as const, 'MALFORMED_REQUEST'],
    [{ type: 'participant.kick', by: ADA, userId: CYD } as const, 'USER_NOT_FOUND'],
    [{ type: 'leadership.transfer', by: ADA, to: CYD } as const, 'USER_NOT_FOUND'],
    [{ type: 'participant.leave', by: CYD } as const, 'USER_NOT_FOUND'],
    [{ type: 'vote.cast', by: CYD, value: '1' } as const, 'USER_NOT_FOUND'],
  ])('who may do what: %j by the wrong one is %s', (command, code) => {
    const chart = chartIn('voting')
    const asked = code === 'UNAUTHORIZED' ? { ...command, by: BOB } : command
    const before = chart.context
    expect(refusal(positionOf(chart), asked)?.code).toBe(code)
    chart.send(asked)
    expect(chart.context).toEqual(before)
  })

  test('a session with all seats taken refuses the next to join', () => {
    const chart = chartIn('waiting', { participantsMax: 2 })
    expect(refusal(positionOf(chart), JOIN)).toMatchObject({
      code: 'SESSION_FULL',
      facts: { participants: 2, participantsMax: 2 },
    })
    expect(chart.send(JOIN).context.participants).toHaveLength(2)
  })
})

describe('whom the session names as the Scrum Master before this one', () => {
  const previous = (chart: Chart) => chart.context.previousScrumMasterId

  test('while it waits, the one it waits for; nobody once they are back', () => {
    const chart = chartIn('grace_period')
    expect(previous(chart)).toBe(ADA)
    expect(previous(chart.send(returned(ADA)))).toBeNull()
  })

  test('nobody when nobody is left waiting', () => {
    const chart = chartIn('grace_period').send({ type: 'participant.leave', by: BOB })
    expect([chart.status, previous(chart)]).toEqual(['voting', null])
  })

  test('after the wait, the one who did not come back', () => {
    const chart = chartIn('grace_period').wait(SETTINGS.graceMs)
    expect([chart.context.scrumMasterId, previous(chart)]).toEqual([BOB, ADA])
    expect(previous(chart.send(returned(ADA)))).toBe(ADA)
  })

  test('after a hand-over, the one who handed over; then the next one waited for', () => {
    const chart = chartIn('waiting').send(returned(BOB), { type: 'leadership.transfer', by: ADA, to: BOB })
    expect(previous(chart)).toBe(ADA)
    expect(previous(chart.send(lost(BOB)))).toBe(BOB)
    expect(previous(chart.send(returned(BOB)))).toBeNull()
  })

  test('while nobody is present, the one who led; nobody when they are the first to come back', () => {
    const chart = chartIn('abandoned')
    expect([chart.status, previous(chart)]).toEqual(['paused', ADA])
    expect(previous(chart.send(returned(ADA)))).toBeNull()
    expect(previous(chartIn('abandoned').send(returned(BOB)))).toBe(ADA)
  })
})

describe('what the contract says besides the table', () => {
  test('without REVEAL_SECONDS a reveal goes on to results in the same step', () => {
    const chart = chartIn('voting', { revealMs: 0 }).send(REVEAL)
    expect(chart.status).toBe('results')
    expect(chart.newEvents()).toEqual(['votes_revealed', 'round_completed'])
  })

  test('the last to leave ends the session', () => {
    const chart = chartIn('waiting').send({ type: 'participant.leave', by: BOB })
    chart.newEvents()
    chart.send({ type: 'participant.leave', by: ADA })
    expect(chart.status).toBe('ended')
    expect(chart.newEvents()).toEqual(['session_expired'])
    expect(chart.context.endReason).toBe('empty')
  })

  test('a second vote replaces the first', () => {
    const { context } = chartIn('voting').send(VOTE)
    expect(context.round?.votes).toEqual([{ userId: BOB, value: '8', submittedAt: 0 }])
  })

  test('leaving takes a hidden vote along and leaves a revealed one', () => {
    const leave: Untimed = { type: 'participant.leave', by: BOB }
    expect(chartIn('voting').send(leave).context.round?.votes).toEqual([])
    expect(chartIn('results').send(leave).context.round?.votes).toHaveLength(1)
  })

  test('a round whose voters all left can still be revealed', () => {
    const chart = chartIn('voting').send({ type: 'participant.leave', by: BOB }, REVEAL)
    expect(chart.context.round?.statistics).toEqual({
      average: null,
      distribution: {},
      consensus: false,
      coffeeVotes: 0,
      totalVotes: 0,
      median: null,
      mode: [],
      min: null,
      max: null,
      agreement: null,
      suggestion: null,
    })
  })

  test('a paused round keeps its votes and resumes where it was', () => {
    const chart = chartIn('paused').wait(MINUTE_MS).send(RESUME)
    expect(chart.status).toBe('voting')
    expect(chart.context.round?.votes).toHaveLength(1)
  })

  test('a Scrum Master who drops when alone is waited for as soon as somebody joins', () => {
    const chart = chartIn('waiting').send({ type: 'participant.leave', by: BOB }, DROP_LEADER)
    expect(chart.status).toBe('waiting')
    chart.newEvents()
    chart.send(JOIN)
    expect(chart.status).toBe('grace_period')
    expect(chart.newEvents()).toEqual(['user_joined', 'grace_period_started'])
  })

  test('the reveal’s time does not run while the session is paused', () => {
    const chart = chartIn('revealing')
      .wait(SETTINGS.revealMs - 1)
      .send(PAUSE)
      .wait(MINUTE_MS)
      .send(RESUME)
    expect(chart.status).toBe('revealing')
    chart.newEvents()
    expect(chart.wait(1).status).toBe('results')
    expect(chart.newEvents()).toEqual(['round_completed'])
  })
})

function positionOf(chart: ReturnType<typeof chartIn>): Position {
  return { status: chart.status, context: chart.context }
}
