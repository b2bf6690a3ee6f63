import type { NodeId, UserId } from '../../../machines/ids.js'
import type { JudgedCommand } from '../../../machines/session/judged.js'
import { type Position, refusal } from '../../../machines/session/policy.js'
import type { Refusal } from '../../../machines/session/refusal.js'
import { STORIES_TEXT_LENGTH_MAX } from '../../../machines/session/story.js'
import {
  ADA,
  BOB,
  type Chart,
  CYD,
  chartIn,
  lost,
  NODE,
  ROUND,
  SETTINGS,
  TOKEN_DIGEST,
  type Untimed,
} from '../../support/chart.js'
import {
  addStories,
  draft,
  judged,
  PAUSE,
  REVEAL,
  start,
  storyId,
  tableOf,
  vote,
  wish,
} from '../../support/table.js'

/* Long, since it is a table: every reason to refuse a command, with everything said about it. */

const TOO_LONG = 'The texts of all stories are too long in total; shorten the notes.'
const TOO_MANY = 'A session holds at most 200 stories; these would make 201.'
const ORDER = 'The order must name every story of the session exactly once.'
const NOBODY = 'nobody' as UserId
const OWN_DECK = { name: null, cards: ['S', 'M'] }

const position = (chart: Chart): Position => ({ status: chart.status, context: chart.context })

const role = (userId: UserId, by: UserId): Untimed => ({ type: 'role.change', by, userId, role: 'observer' })
const nudge = (userId: UserId): Untimed => ({ type: 'participant.nudge', by: ADA, userId })
const withdraw = (by: UserId): Untimed => ({ type: 'vote.withdraw', by })
const extend = (ms = 10_000): Untimed => ({ type: 'round.extend', by: ADA, ms })
const take = (digest: string, by = BOB): Untimed => ({
  type: 'seat.take',
  by,
  digest,
  tokenDigest: TOKEN_DIGEST,
})
const join: Untimed = {
  type: 'participant.join',
  userId: NOBODY,
  name: 'Nobody',
  avatar: 'owl',
  tokenDigest: TOKEN_DIGEST,
}
const resume: Untimed = { type: 'session.resume', by: ADA }

const votingTable = () => tableOf().send(start(), vote(BOB))
const observed = () => tableOf().send(role(CYD, CYD), start())

const conflict = (detail: string, facts: Refusal['facts']) => ({
  code: 'SESSION_STATE_CONFLICT',
  detail,
  facts,
})
const votingError = (detail: string, facts: Refusal['facts']) => ({
  code: 'VOTING_ERROR',
  detail,
  facts,
})
const unknown = {
  code: 'USER_NOT_FOUND',
  detail: 'No such participant in this session.',
  facts: { userId: NOBODY },
}

/** Every reason, with the sentence and the facts that the sender is given (contract section 8). */
const REASONS: readonly (readonly [string, () => Chart, Untimed, object])[] = [
  [
    'a session that is over',
    () => chartIn('ended'),
    join,
    { code: 'SESSION_NOT_FOUND', detail: 'This session is over.', facts: {} },
  ],
  ['a stranger', tableOf, { type: 'session.extend', by: NOBODY }, unknown],
  ['a kick of a stranger', tableOf, { type: 'participant.kick', by: ADA, userId: NOBODY }, unknown],
  ['a hand-over to a stranger', tableOf, { type: 'leadership.transfer', by: ADA, to: NOBODY }, unknown],
  [
    'a stranger’s stream',
    tableOf,
    { type: 'presence.streams', userId: NOBODY, node: NODE, open: 1 },
    unknown,
  ],
  ['a stranger’s sign of life', tableOf, { type: 'presence.seen', userId: NOBODY }, unknown],
  ['a stranger’s heartbeat', tableOf, { type: 'presence.heartbeat', userId: NOBODY, leaseMs: 1 }, unknown],
  ['a stranger’s role', tableOf, role(NOBODY, ADA), unknown],
  ['a nudge of a stranger', votingTable, nudge(NOBODY), unknown],
  [
    'a kick of oneself',
    tableOf,
    { type: 'participant.kick', by: ADA, userId: ADA },
    { code: 'MALFORMED_REQUEST', detail: 'You cannot kick yourself; leave instead.', facts: {} },
  ],
  [
    'what only the Scrum Master may do',
    tableOf,
    { type: 'session.pause', by: BOB },
    {
      code: 'UNAUTHORIZED',
      detail: 'Only the Scrum Master can do this.',
      facts: { userId: BOB, requiredRole: 'scrum_master' },
    },
  ],
  [
    'a full table',
    () => tableOf({}, { participantsMax: 3 }),
    join,
    {
      code: 'SESSION_FULL',
      detail: 'All 3 seats of this session are taken.',
      facts: { participants: 3, participantsMax: 3 },
    },
  ],
  [
    'a start during an open round',
    votingTable,
    start(),
    votingError('A round is already open; reveal it first.', { status: 'voting' }),
  ],
  [
    'a card before the first round',
    tableOf,
    vote(BOB),
    votingError('No round has been started.', { status: 'waiting' }),
  ],
  [
    'a reveal while cards turn',
    () => chartIn('revealing'),
    REVEAL,
    votingError('The round is already revealed.', { status: 'revealing' }),
  ],
  [
    'a reveal of what is already revealed',
    () => chartIn('results'),
    REVEAL,
    votingError('The round is already revealed.', { status: 'results' }),
  ],
  [
    'a card while cards turn',
    () => chartIn('revealing'),
    vote(BOB),
    votingError('The round is already revealed.', { status: 'revealing' }),
  ],
  [
    'a card withdrawn after the reveal',
    () => chartIn('results'),
    withdraw(BOB),
    votingError('The round is already revealed.', { status: 'results' }),
  ],
  [
    'a card after the reveal',
    () => chartIn('results'),
    vote(BOB),
    votingError('The round is already revealed.', { status: 'results' }),
  ],
  [
    'a card after the reveal, by somebody who had none',
    () => tableOf({ allowsVoteAfterReveal: true }).send(start(), vote(BOB), REVEAL),
    vote(CYD),
    votingError('Only those who had a card at the reveal can change it.', { status: 'results' }),
  ],
  [
    'a card in a pause',
    () => chartIn('paused'),
    vote(BOB),
    conflict('The session is paused.', { status: 'paused' }),
  ],
  [
    'a second pause',
    () => chartIn('paused'),
    PAUSE,
    conflict('The session is already paused.', { status: 'paused' }),
  ],
  [
    'a pause in the grace period',
    () => chartIn('grace_period'),
    PAUSE,
    conflict('The session is already paused.', { status: 'grace_period' }),
  ],
  [
    'a resumption of what is not paused',
    votingTable,
    resume,
    conflict('The session is not paused.', { status: 'voting' }),
  ],
  [
    'a resumption of what everybody has left',
    () => chartIn('abandoned'),
    resume,
    conflict('The session is waiting for its participants.', { status: 'paused' }),
  ],
  [
    'a card in the grace period',
    () => chartIn('grace_period'),
    vote(BOB),
    {
      code: 'GRACE_PERIOD_ERROR',
      detail: 'The session is waiting for its Scrum Master to come back.',
      facts: { status: 'grace_period', graceExpiresAt: SETTINGS.graceMs },
    },
  ],
  [
    'an estimate before the results',
    votingTable,
    { type: 'round.accept', by: ADA, estimate: '5' },
    conflict('An estimate can be accepted only when the round is complete.', { status: 'voting' }),
  ],
  [
    'an extension of a round without a timer',
    votingTable,
    extend(),
    conflict('This round has no time limit to extend.', { status: 'voting' }),
  ],
  [
    'an extension before the first round',
    tableOf,
    extend(),
    votingError('No round has been started.', { status: 'waiting' }),
  ],
  [
    'another deck during a round',
    votingTable,
    wish({ deck: OWN_DECK }),
    conflict('The deck and anonymity cannot change during an open round; reveal it first.', {
      status: 'voting',
    }),
  ],
  [
    'another role during a round',
    votingTable,
    role(BOB, BOB),
    conflict('Roles cannot change during an open round; reveal it first.', { status: 'voting' }),
  ],
  [
    'somebody else’s role',
    tableOf,
    role(CYD, BOB),
    {
      code: 'UNAUTHORIZED',
      detail: "Only the Scrum Master can change somebody else's role.",
      facts: { userId: BOB, requiredRole: 'scrum_master' },
    },
  ],
  ...[vote(CYD), withdraw(CYD)].map(
    (command) =>
      [
        `an observer’s ${command.type}`,
        observed,
        command,
        {
          code: 'UNAUTHORIZED',
          detail: 'Observers cannot vote.',
          facts: { userId: CYD, requiredRole: 'voter' },
        },
      ] as const,
  ),
  [
    'a card of another deck',
    () => tableOf({ deck: OWN_DECK }).send(start()),
    vote(BOB, '5'),
    {
      code: 'VALIDATION_ERROR',
      detail: 'This card is not in the deck.',
      facts: { faults: [{ path: 'vote', message: 'must be one of S, M' }], deck: OWN_DECK },
    },
  ],
  [
    'a nudge of oneself',
    votingTable,
    nudge(ADA),
    votingError('You cannot nudge yourself.', { status: 'voting' }),
  ],
  [
    'a nudge of an observer',
    observed,
    nudge(CYD),
    votingError('Observers have no card to play.', { status: 'voting' }),
  ],
  [
    'a nudge of somebody who has voted',
    votingTable,
    nudge(BOB),
    votingError('They have already voted.', { status: 'voting' }),
  ],
  [
    'a nudge before a round',
    tableOf,
    nudge(BOB),
    votingError('No round has been started.', { status: 'waiting' }),
  ],
  [
    'a nudge too soon',
    () => votingTable().send(nudge(CYD)).wait(4_000),
    nudge(CYD),
    {
      code: 'RATE_LIMITED',
      detail: 'They were already nudged a moment ago.',
      facts: { userId: CYD, waitMs: 6_000 },
    },
  ],
  [
    'an invalid seat code',
    tableOf,
    take('x'),
    { code: 'SEAT_CODE_INVALID', detail: 'This code does not open a seat.', facts: {} },
  ],
  [
    'a round about an unknown story',
    tableOf,
    start(storyId(9)),
    {
      code: 'STORY_NOT_FOUND',
      detail: 'There is no such story in this session.',
      facts: { storyId: storyId(9) },
    },
  ],
  [
    'a change to an unknown story',
    tableOf,
    { type: 'stories.patch', by: ADA, storyId: storyId(9), patch: {} },
    {
      code: 'STORY_NOT_FOUND',
      detail: 'There is no such story in this session.',
      facts: { storyId: storyId(9) },
    },
  ],
  [
    'a change that makes the texts too long',
    () => tableOf().send(addStories(1)),
    {
      type: 'stories.patch',
      by: ADA,
      storyId: storyId(1),
      patch: { notes: 'n'.repeat(STORIES_TEXT_LENGTH_MAX) },
    },
    {
      code: 'VALIDATION_ERROR',
      detail: TOO_LONG,
      facts: { textLengthMax: STORIES_TEXT_LENGTH_MAX, faults: [{ path: 'stories', message: TOO_LONG }] },
    },
  ],
  [
    'an order of other stories',
    () => tableOf().send(addStories(1, 2)),
    { type: 'stories.order', by: ADA, storyIds: [storyId(2), storyId(2), storyId(3)] },
    {
      code: 'VALIDATION_ERROR',
      detail: ORDER,
      facts: {
        missing: [storyId(1)],
        unknown: [storyId(3)],
        repeated: [storyId(2)],
        faults: [{ path: 'ids', message: ORDER }],
      },
    },
  ],
  [
    'one story too many',
    () => tableOf().send(addStories(...Array.from({ length: 199 }, (_, n) => n))),
    addStories(199, 200),
    {
      code: 'VALIDATION_ERROR',
      detail: TOO_MANY,
      facts: { stories: 199, storiesMax: 200, faults: [{ path: 'stories', message: TOO_MANY }] },
    },
  ],
  [
    'the removal of an unknown story',
    tableOf,
    { type: 'stories.remove', by: ADA, storyId: storyId(9) },
    {
      code: 'STORY_NOT_FOUND',
      detail: 'There is no such story in this session.',
      facts: { storyId: storyId(9) },
    },
  ],
]

describe('a refusal says why, and gives the facts', () => {
  test.each(REASONS)('%s', (_name, chart, command, expected) => {
    expect(judged(chart(), command)).toEqual(expected)
  })
})

describe('a cut of the network', () => {
  const cut = () => tableOf().send(start(), lost(BOB)).wait(1_000).send(lost(CYD))

  test.each([vote(BOB), withdraw(BOB), { type: 'round.reveal', by: BOB } as const])(
    'keeps whom it cut off from the table until they are back: $type',
    (command) => {
      const chart = cut().send(wish({ whoMayReveal: 'everyone' }))
      expect(judged(chart, command)).toEqual({
        code: 'NETWORK_PARTITION',
        detail: 'Your connection was lost; reconnect to see what the others see.',
        facts: { detectedAt: 1_000, affected: [BOB, CYD] },
      })
      chart.send({ type: 'participant.reconnect', by: BOB, known: null })
      expect(judged(chart, command)).toBeNull()
    },
  )

  test('keeps nobody else from it, and keeps nobody from everything else', () => {
    expect(judged(cut(), vote(ADA))).toBeNull()
    expect(judged(cut(), { type: 'session.extend', by: BOB })).toBeNull()
    expect(judged(cut(), { type: 'participant.leave', by: BOB })).toBeNull()
  })
})

describe('who may what', () => {
  test.each([
    { type: 'round.start', roundId: ROUND },
    { type: 'round.reveal' },
    { type: 'round.extend', ms: 1 },
    { type: 'round.accept', estimate: '5' },
    { type: 'session.pause' },
    { type: 'session.resume' },
    { type: 'session.end' },
    { type: 'participant.kick', userId: CYD },
    { type: 'participant.nudge', userId: CYD },
    { type: 'leadership.transfer', to: CYD },
    { type: 'settings.change', wish: {} },
    { type: 'stories.add', drafts: [] },
    { type: 'stories.patch', storyId: storyId(1), patch: {} },
    { type: 'stories.remove', storyId: storyId(1) },
    { type: 'stories.order', storyIds: [storyId(1)] },
  ] as const)('only the Scrum Master may $type', (command) => {
    const chart = tableOf().send(addStories(1))
    expect(judged(chart, { ...command, by: BOB })).toMatchObject({
      code: 'UNAUTHORIZED',
      facts: { requiredRole: 'scrum_master' },
    })
  })

  test('everyone may reveal where the settings say so, but do nothing else of the Scrum Master’s', () => {
    const chart = tableOf({ whoMayReveal: 'everyone' }).send(start())
    expect(judged(chart, { type: 'session.pause', by: BOB })?.code).toBe('UNAUTHORIZED')
    expect(judged(chart, { type: 'round.reveal', by: BOB })).toBeNull()
  })

  test('roles may change before the first round and after a reveal', () => {
    expect(judged(tableOf(), role(CYD, CYD))).toBeNull()
    expect(judged(tableOf().send(start(), REVEAL), role(CYD, ADA))).toBeNull()
  })

  test('all settings but deck and anonymity may change during a round, and those once it is over', () => {
    const chart = votingTable()
    expect(judged(chart, wish({ isListed: false }))).toBeNull()
    expect(judged(chart, wish({ hasAnonymousVotes: true }))?.code).toBe('SESSION_STATE_CONFLICT')
    expect(judged(chart.send(REVEAL), wish({ hasAnonymousVotes: true }))).toBeNull()
  })

  test('a round is voted on with its own deck, and the next one with the session’s', () => {
    const chart = tableOf().send(start(), REVEAL, wish({ deck: OWN_DECK }), start())
    expect(judged(chart, vote(BOB, '5'))?.code).toBe('VALIDATION_ERROR')
    expect(judged(chart, vote(BOB, 'M'))).toBeNull()
    const changed = { ...votingTable().context, rules: { ...chart.context.rules, deck: OWN_DECK } }
    expect(
      refusal({ status: 'voting', context: changed }, { type: 'vote.cast', by: BOB, value: '5' }),
    ).toBeNull()
  })

  test('an estimate may be accepted in results, and a card changed there where the settings say so', () => {
    const chart = tableOf({ allowsVoteAfterReveal: true }).send(start(), vote(BOB), REVEAL)
    expect(judged(chart, { type: 'round.accept', by: ADA, estimate: '5' })).toBeNull()
    expect(judged(chart, vote(BOB, '8'))).toBeNull()
    const context = { ...chart.context, round: null }
    expect(refusal({ status: 'results', context }, { type: 'vote.cast', by: BOB })).toEqual(
      votingError('The round is already revealed.', { status: 'results' }),
    )
  })

  test('a card may be changed after the reveal by a voter, to another of the deck', () => {
    const chart = tableOf({ allowsVoteAfterReveal: true }).send(start(), vote(BOB), vote(CYD), REVEAL)
    expect(judged(chart, vote(BOB, 'M'))?.code).toBe('VALIDATION_ERROR')
    expect(judged(chart.send(role(CYD, CYD)), vote(CYD, '8'))?.code).toBe('UNAUTHORIZED')
    expect(judged(chart, vote(BOB, '8'))).toBeNull()
  })

  test('a round’s story is new, or one of the list', () => {
    const full = tableOf().send(addStories(...Array.from({ length: 200 }, (_, n) => n)))
    const fresh = (n: number): Untimed => ({
      type: 'round.start',
      by: ADA,
      roundId: ROUND,
      story: { draft: draft(n) },
    })
    expect(judged(full, fresh(200))?.code).toBe('VALIDATION_ERROR')
    expect(judged(full, addStories(200))?.code).toBe('VALIDATION_ERROR')
    expect(judged(full, start(storyId(7)))).toBeNull()
    expect(judged(tableOf(), fresh(1))).toBeNull()
  })

  test('a seat code expires by the time it is shown at, but never by a time already past', () => {
    const chart = tableOf().send({ type: 'seat.offer', by: BOB, digest: 'd' }).wait(60_000)
    const shown = { type: 'seat.take', by: BOB, digest: 'd' } as const
    expect(refusal(position(chart), { ...shown, at: 59_999 })).toBeNull()
    expect(refusal(position(chart), { ...shown, at: 60_000 })?.code).toBe('SEAT_CODE_INVALID')
    chart.send({ type: 'tick' })
    expect(refusal(position(chart), { ...shown, at: 0 })?.code).toBe('SEAT_CODE_INVALID')
    expect(refusal(position(chart), shown)?.code).toBe('SEAT_CODE_INVALID')
  })

  test('a nudge is too soon by the time it is given at, but never by a time already past', () => {
    const chart = votingTable().send(nudge(CYD)).wait(5_000).send({ type: 'tick' })
    const again = { type: 'participant.nudge', by: ADA, userId: CYD } as const
    const waits = [0, 5_000, 9_999, undefined].map((at) =>
      refusal(position(chart), at === undefined ? again : { ...again, at }),
    )
    expect(waits.map((said) => said?.facts.waitMs)).toEqual([5_000, 5_000, 1, 5_000])
    expect(refusal(position(chart), { ...again, at: 10_000 })).toBeNull()
  })

  test('a grace period with an unknown end still counts as one', () => {
    const context = { ...chartIn('grace_period').context, grace: null }
    expect(refusal({ status: 'grace_period', context }, { type: 'vote.cast', by: BOB })?.facts).toEqual({
      status: 'grace_period',
      graceExpiresAt: null,
    })
  })
})

describe('a command without its details asks whether such a command could be given', () => {
  const commands: readonly JudgedCommand[] = [
    { type: 'settings.change', by: ADA },
    { type: 'stories.add', by: ADA },
    { type: 'stories.patch', by: ADA },
    { type: 'stories.remove', by: ADA },
    { type: 'stories.order', by: ADA },
    { type: 'vote.cast', by: BOB },
    { type: 'vote.withdraw', by: BOB },
    { type: 'round.reveal', by: ADA },
    { type: 'node.lost', node: 'node' as NodeId },
  ]

  test.each(commands)('%j', (command) => {
    const chart = tableOf().send(addStories(1), start())
    expect(refusal(position(chart), command)).toBeNull()
  })

  test('a start, between rounds', () => {
    expect(refusal(position(tableOf()), { type: 'round.start', by: ADA })).toBeNull()
  })

  test('a seat cannot be taken without a code', () => {
    const chart = tableOf().send({ type: 'seat.offer', by: BOB, digest: 'd' })
    expect(refusal(position(chart), { type: 'seat.take', by: BOB })?.code).toBe('SEAT_CODE_INVALID')
  })
})
