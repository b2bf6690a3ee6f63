import { namedDeck } from '../../machines/deck.js'
import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import type { PersonCommand } from '../../machines/session/commands.js'
import { participantOf, type SessionContext } from '../../machines/session/context.js'
import { mobileProfile } from '../../machines/session/mobile.js'
import type { Refusal } from '../../machines/session/refusal.js'
import type { SessionRules } from '../../machines/session/rules.js'
import type { SessionStatus } from '../../machines/session/status.js'
import { tokenDigest } from '../../src/runtime/credentials.js'
import { ADA, BOB, CYD, type Untimed } from '../support/chart.js'

/*
 * Pairs of commands whose order may decide the outcome of both. This file is long because it is a table: it
 * has every command that a person can send.
 */

export type Asked = Untimed<PersonCommand>

/** The fate of a command: `null`, it is carried out; otherwise the code it is refused with. */
type Fate = Refusal['code'] | null

/** The session in which a conflict happens. */
export interface Found {
  readonly status: SessionStatus
  readonly context: SessionContext
}

/** A way in which two commands can conflict. */
export interface Conflict {
  readonly name: string
  /** Needs a new session each time: the session does not survive it. */
  readonly isLast?: boolean
  /** The rules the session's creator wants, set once. */
  readonly rules?: Partial<SessionRules>
  /** The others present. Default: Bob and Cyd. */
  readonly others?: readonly UserId[]
  /**
   * What must happen first so that there is a conflict.
   * @param count - rises with every conflict of a session
   */
  readonly before?: (found: Found, count: number) => readonly Asked[]
  readonly one: (count: number, found: Found) => Asked
  readonly other: (count: number, found: Found) => Asked
  /** The fates of `one` and `other`, if `one` comes first. */
  readonly oneFirst: readonly [Fate, Fate]
  readonly otherFirst: readonly [Fate, Fate]
}

export const SEATS = 4

const named = (name: string) => name as UserId
const guest = (count: number) => named(`guest ${count}`)
const storyId = (count: number) => `story ${count}` as StoryId

export const join = (userId: UserId): Asked => ({
  type: 'participant.join',
  userId,
  name: userId,
  avatar: 'owl',
  tokenDigest: tokenDigest(`of ${userId}`),
})
const leave = (by: UserId): Asked => ({ type: 'participant.leave', by })
const kick = (userId: UserId, by = ADA): Asked => ({ type: 'participant.kick', by, userId })
const transfer = (to: UserId, by = ADA): Asked => ({ type: 'leadership.transfer', by, to })
const start = (count: number, beside: object = {}): Asked => ({
  type: 'round.start',
  by: ADA,
  roundId: `round ${count}` as RoundId,
  ...beside,
})
const vote = (by: UserId, value = '5'): Asked => ({ type: 'vote.cast', by, value })
const withdraw = (by: UserId): Asked => ({ type: 'vote.withdraw', by })
const reveal = (by = ADA): Asked => ({ type: 'round.reveal', by })
const accept = (estimate: string): Asked => ({ type: 'round.accept', by: ADA, estimate })
const of = <Type extends 'session.pause' | 'session.resume' | 'session.end' | 'session.extend'>(
  type: Type,
) => ({
  type,
  by: ADA,
})
const draft = (count: number) => ({
  id: storyId(count),
  title: `Story ${count}`,
  link: null,
  notes: null,
  estimate: null,
})
const addStory = (count: number): Asked => ({ type: 'stories.add', by: ADA, drafts: [draft(count)] })
const removeStory = (id: StoryId): Asked => ({ type: 'stories.remove', by: ADA, storyId: id })
const otherDeck = ({ context }: Found): Asked => {
  const deck = namedDeck(context.rules.deck.name === 'magnapp' ? 'fibonacci' : 'magnapp')
  return { type: 'settings.change', by: ADA, wish: { deck } }
}
const takeSeat = (count: number, device: string): Asked => ({
  type: 'seat.take',
  by: BOB,
  digest: `code ${count}`,
  tokenDigest: tokenDigest(`of ${device} ${count}`),
})
const offerSeat = (digest: string): Asked => ({ type: 'seat.offer', by: BOB, digest })

/** Ada leads again, and the same people are present as before. */
export function gathered({ context }: Found, others: readonly UserId[]): readonly Asked[] {
  const people = [ADA, ...others]
  const { participants, scrumMasterId } = context
  return [
    ...participants
      .filter(({ id }) => !people.includes(id) && id !== scrumMasterId)
      .map(({ id }) => leave(id)),
    ...people.filter((id) => participantOf(context, id) === undefined).map(join),
    ...(scrumMasterId === ADA ? [] : [transfer(ADA, scrumMasterId)]),
    ...(people.includes(scrumMasterId) ? [] : [leave(scrumMasterId)]),
  ]
}

const closed = ({ status }: Found): readonly Asked[] => (status === 'voting' ? [reveal()] : [])
/** The story and round ids of the preparation are distinct from those that the two commands make. */
const opened = (found: Found, count: number): readonly Asked[] => [...closed(found), start(count + 10_000)]
const revealed = (found: Found, count: number): readonly Asked[] =>
  found.status === 'voting' ? [reveal()] : [start(count + 10_000), reveal()]
const moving = ({ status }: Found): readonly Asked[] => (status === 'paused' ? [of('session.resume')] : [])
const paused = ({ status }: Found): readonly Asked[] => (status === 'paused' ? [] : [of('session.pause')])
const noStories = ({ context }: Found): readonly Asked[] => context.stories.map(({ id }) => removeStory(id))
const withStory = (found: Found, count: number): readonly Asked[] => [
  ...closed(found),
  ...noStories(found),
  addStory(count),
]
const withGuest = (found: Found, count: number): readonly Asked[] => [
  ...opened(found, count),
  join(guest(count)),
]

const BOTH: readonly [null, null] = [null, null]

export const CONFLICTS: readonly Conflict[] = [
  {
    name: 'a vote and the reveal',
    before: opened,
    one: () => vote(BOB),
    other: () => reveal(),
    oneFirst: BOTH,
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'votes from two devices of one participant',
    before: opened,
    one: () => vote(BOB, '5'),
    other: () => vote(BOB, '8'),
    oneFirst: BOTH,
    otherFirst: BOTH,
  },
  {
    name: 'voting and withdrawing the vote',
    before: opened,
    one: () => vote(BOB),
    other: () => withdraw(BOB),
    oneFirst: BOTH,
    otherFirst: BOTH,
  },
  {
    name: 'withdrawing a vote and the reveal',
    before: (found, count) => [...opened(found, count), vote(BOB)],
    one: () => withdraw(BOB),
    other: () => reveal(),
    oneFirst: BOTH,
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'the last two votes of a round that reveals itself',
    rules: { revealsItself: true },
    before: (found, count) => [...opened(found, count), vote(ADA)],
    one: () => vote(BOB),
    other: () => vote(CYD),
    oneFirst: BOTH,
    otherFirst: BOTH,
  },
  {
    name: 'the last vote of a round that reveals itself and the reveal',
    rules: { revealsItself: true },
    before: (found, count) => [...opened(found, count), vote(ADA), vote(BOB)],
    one: () => vote(CYD),
    other: () => reveal(),
    oneFirst: [null, 'VOTING_ERROR'],
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'changing a card after the reveal and the next round',
    rules: { allowsVoteAfterReveal: true },
    before: (found, count) => [...opened(found, count), vote(CYD), reveal()],
    one: () => vote(BOB),
    other: (count) => start(count),
    oneFirst: ['VOTING_ERROR', null],
    otherFirst: BOTH,
  },
  {
    name: 'two reveals',
    before: opened,
    one: () => reveal(),
    other: () => reveal(),
    oneFirst: [null, 'VOTING_ERROR'],
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'two people revealing, where everybody may',
    rules: { whoMayReveal: 'everyone' },
    before: opened,
    one: () => reveal(BOB),
    other: () => reveal(CYD),
    oneFirst: [null, 'VOTING_ERROR'],
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'two starts',
    before: closed,
    one: (count) => start(count),
    other: (count) => start(count + 5_000),
    oneFirst: [null, 'VOTING_ERROR'],
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'extra time and the reveal',
    rules: { roundMs: 600_000 },
    before: opened,
    one: () => ({ type: 'round.extend', by: ADA, ms: 60_000 }),
    other: () => reveal(),
    oneFirst: BOTH,
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'accepting an estimate and the next round',
    before: revealed,
    one: () => accept('5'),
    other: (count) => start(count),
    oneFirst: BOTH,
    otherFirst: ['SESSION_STATE_CONFLICT', null],
  },
  {
    name: 'accepting two estimates',
    before: revealed,
    one: () => accept('5'),
    other: () => accept('8'),
    oneFirst: BOTH,
    otherFirst: BOTH,
  },
  {
    name: 'changing the deck and the start',
    before: closed,
    one: (_count, found) => otherDeck(found),
    other: (count) => start(count),
    oneFirst: BOTH,
    otherFirst: ['SESSION_STATE_CONFLICT', null],
  },
  {
    name: 'changing the deck and the reveal',
    before: opened,
    one: (_count, found) => otherDeck(found),
    other: () => reveal(),
    oneFirst: ['SESSION_STATE_CONFLICT', null],
    otherFirst: BOTH,
  },
  {
    name: 'becoming an observer and the start',
    before: closed,
    one: (_count, { context }) => {
      const role = participantOf(context, BOB)?.role === 'observer' ? 'voter' : 'observer'
      return { type: 'role.change', by: BOB, userId: BOB, role }
    },
    other: (count) => start(count),
    oneFirst: BOTH,
    otherFirst: ['SESSION_STATE_CONFLICT', null],
  },
  {
    name: 'being kicked and voting',
    before: opened,
    one: () => kick(BOB),
    other: () => vote(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'being kicked and leaving',
    one: () => kick(BOB),
    other: () => leave(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: ['USER_NOT_FOUND', null],
  },
  {
    name: 'being kicked and reconnecting',
    one: () => kick(BOB),
    other: () => ({ type: 'participant.reconnect', by: BOB, known: null }),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'being kicked twice',
    one: () => kick(BOB),
    other: () => kick(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: ['USER_NOT_FOUND', null],
  },
  {
    name: 'being kicked and being handed the lead',
    one: () => kick(BOB),
    other: () => transfer(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: ['UNAUTHORIZED', null],
  },
  {
    name: 'a Scrum Master leaving and handing over',
    one: () => leave(ADA),
    other: () => transfer(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'an heir leaving and being handed the lead',
    one: () => leave(BOB),
    other: () => transfer(BOB),
    oneFirst: [null, 'USER_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'the lead handed to two people',
    one: () => transfer(BOB),
    other: () => transfer(CYD),
    oneFirst: [null, 'UNAUTHORIZED'],
    otherFirst: ['UNAUTHORIZED', null],
  },
  {
    name: 'a Scrum Master handing over and revealing',
    before: opened,
    one: () => transfer(BOB),
    other: () => reveal(),
    oneFirst: [null, 'UNAUTHORIZED'],
    otherFirst: BOTH,
  },
  {
    name: 'two people joining for the last seat',
    one: (count) => join(guest(count)),
    other: (count) => join(guest(count + 5_000)),
    oneFirst: [null, 'SESSION_FULL'],
    otherFirst: ['SESSION_FULL', null],
  },
  {
    name: 'leaving a full table and joining it',
    before: (_found, count) => [join(guest(count + 5_000))],
    one: () => leave(BOB),
    other: (count) => join(guest(count)),
    oneFirst: BOTH,
    otherFirst: [null, 'SESSION_FULL'],
  },
  {
    name: 'the last person leaving and somebody joining',
    isLast: true,
    others: [],
    one: () => leave(ADA),
    other: () => join(BOB),
    oneFirst: [null, 'SESSION_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'ending the session and a vote',
    isLast: true,
    before: opened,
    one: () => of('session.end'),
    other: () => vote(BOB),
    oneFirst: [null, 'SESSION_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'ending the session and extra time',
    isLast: true,
    one: () => of('session.end'),
    other: () => of('session.extend'),
    oneFirst: [null, 'SESSION_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'two ends',
    isLast: true,
    one: () => of('session.end'),
    other: () => of('session.end'),
    oneFirst: [null, 'SESSION_NOT_FOUND'],
    otherFirst: ['SESSION_NOT_FOUND', null],
  },
  {
    name: 'a pause and a vote',
    before: (found, count) => [
      ...moving(found),
      ...(found.context.round === null ? [start(count + 10_000)] : []),
    ],
    one: () => of('session.pause'),
    other: () => vote(BOB),
    oneFirst: [null, 'SESSION_STATE_CONFLICT'],
    otherFirst: BOTH,
  },
  {
    name: 'two pauses',
    before: moving,
    one: () => of('session.pause'),
    other: () => of('session.pause'),
    oneFirst: [null, 'SESSION_STATE_CONFLICT'],
    otherFirst: ['SESSION_STATE_CONFLICT', null],
  },
  {
    name: 'two resumptions',
    before: paused,
    one: () => of('session.resume'),
    other: () => of('session.resume'),
    oneFirst: [null, 'SESSION_STATE_CONFLICT'],
    otherFirst: ['SESSION_STATE_CONFLICT', null],
  },
  {
    name: 'a pause and a resume',
    before: paused,
    one: () => of('session.pause'),
    other: () => of('session.resume'),
    oneFirst: ['SESSION_STATE_CONFLICT', null],
    otherFirst: BOTH,
  },
  {
    name: 'deleting a story and voting on it',
    before: withStory,
    one: (count) => removeStory(storyId(count)),
    other: (count) => start(count, { story: { id: storyId(count) } }),
    oneFirst: [null, 'STORY_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'deleting and editing a story',
    before: withStory,
    one: (count) => removeStory(storyId(count)),
    other: (count) => ({ type: 'stories.patch', by: ADA, storyId: storyId(count), patch: { title: 'New' } }),
    oneFirst: [null, 'STORY_NOT_FOUND'],
    otherFirst: BOTH,
  },
  {
    name: 'deleting a story twice',
    before: withStory,
    one: (count) => removeStory(storyId(count)),
    other: (count) => removeStory(storyId(count)),
    oneFirst: [null, 'STORY_NOT_FOUND'],
    otherFirst: ['STORY_NOT_FOUND', null],
  },
  {
    name: 'adding a story and reordering the others',
    before: withStory,
    one: (count) => addStory(count + 5_000),
    other: (count) => ({ type: 'stories.order', by: ADA, storyIds: [storyId(count)] }),
    oneFirst: [null, 'VALIDATION_ERROR'],
    otherFirst: BOTH,
  },
  {
    name: 'using a seat code twice',
    before: (_found, count) => [offerSeat(`code ${count}`)],
    one: (count) => takeSeat(count, 'a phone'),
    other: (count) => takeSeat(count, 'a laptop'),
    oneFirst: [null, 'SEAT_CODE_INVALID'],
    otherFirst: ['SEAT_CODE_INVALID', null],
  },
  {
    name: 'using a seat code and replacing it',
    before: (_found, count) => [offerSeat(`code ${count}`)],
    one: (count) => takeSeat(count, 'a phone'),
    other: (count) => offerSeat(`next code ${count}`),
    oneFirst: BOTH,
    otherFirst: ['SEAT_CODE_INVALID', null],
  },
  {
    name: 'being nudged twice',
    before: withGuest,
    one: (count) => ({ type: 'participant.nudge', by: ADA, userId: guest(count) }),
    other: (count) => ({ type: 'participant.nudge', by: ADA, userId: guest(count) }),
    oneFirst: [null, 'RATE_LIMITED'],
    otherFirst: ['RATE_LIMITED', null],
  },
  {
    name: 'being nudged and voting',
    before: withGuest,
    one: (count) => ({ type: 'participant.nudge', by: ADA, userId: guest(count) }),
    other: (count) => vote(guest(count)),
    oneFirst: BOTH,
    otherFirst: ['VOTING_ERROR', null],
  },
  {
    name: 'optimizing for a phone and its owner leaving',
    one: () => ({
      type: 'mobile.optimize',
      by: BOB,
      profile: mobileProfile(BOB, { batteryPercent: 20, networkType: '4g' }, 30),
    }),
    other: () => leave(BOB),
    oneFirst: BOTH,
    otherFirst: ['USER_NOT_FOUND', null],
  },
]
