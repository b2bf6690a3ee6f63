import { namedDeck } from '../../../machines/deck.js'
import type { Room, RoundId, StoryId } from '../../../machines/ids.js'
import { tokenDigest } from '../../../src/runtime/credentials.js'
import { ADA, BOB, CYD, MINUTE_MS } from '../../support/chart.js'
import { EAST, joining, markOf, Recording, streams, WEST } from './recording.js'

const storyId = (number: number) => `story ${number}` as StoryId
const [ONE, TWO, THREE] = [storyId(1), storyId(2), storyId(3)]

const draft = (id: StoryId, title: string) => ({ id, title, link: null, notes: null, estimate: null })

/** A team estimates: stories, three rounds, a pause, roles, a seat on another device, an anonymous round. */
export function meeting(): Recording {
  const session = new Recording({
    room: 'team-one' as Room,
    rules: { deck: namedDeck('fibonacci'), allowsVoteAfterReveal: true },
  })
  session.do(streams(ADA, EAST, 1), streams(ADA, EAST, 2))
  session.marked(joining(BOB), markOf('joining')).marked(joining(BOB), markOf('joining'))
  session.do(streams(BOB, WEST, 1), joining(CYD, 'observer'), streams(CYD, EAST, 1))
  plan(session)
  playByHand(session)
  changeSeats(session)
  playUnseen(session)
  return part(session)
}

function plan(session: Recording): void {
  session.do(
    { type: 'settings.change', by: ADA, wish: { roundMs: MINUTE_MS } },
    { type: 'settings.change', by: ADA, wish: { roundMs: MINUTE_MS } },
    { type: 'settings.change', by: BOB, wish: { isListed: false } },
    {
      type: 'stories.add',
      by: ADA,
      drafts: [
        {
          ...draft(ONE, 'Log in with a passkey'),
          link: 'https://tracker.example/1',
          notes: 'As agreed – ½ done',
        },
        { ...draft(TWO, 'Export'), estimate: '8' },
        draft(THREE, 'Rename'),
      ],
    },
    { type: 'stories.patch', by: ADA, storyId: TWO, patch: { title: 'Export as CSV', notes: 'RFC 4180' } },
    { type: 'stories.order', by: ADA, storyIds: [THREE, ONE, TWO] },
    { type: 'stories.order', by: ADA, storyIds: [THREE, ONE] },
  )
}

/** A round that overruns its time, with a pause in it. */
function playByHand(session: Recording): void {
  session.do(
    { type: 'round.start', by: BOB, roundId: 'round 0' as RoundId },
    { type: 'vote.cast', by: ADA, value: '5' },
    { type: 'round.start', by: ADA, roundId: 'round 1' as RoundId, story: { id: ONE } },
    { type: 'participant.nudge', by: ADA, userId: BOB },
    { type: 'participant.nudge', by: ADA, userId: BOB },
    { type: 'vote.cast', by: ADA, value: '5' },
    { type: 'vote.cast', by: BOB, value: '13' },
    { type: 'vote.withdraw', by: BOB },
    { type: 'vote.withdraw', by: BOB },
    { type: 'vote.cast', by: BOB, value: '8' },
    { type: 'vote.cast', by: CYD, value: '8' },
    { type: 'vote.cast', by: BOB, value: 'XL' },
    { type: 'round.extend', by: ADA, ms: 10_000 },
  )
  session.wait(80_000).note()
  session.do({ type: 'round.extend', by: ADA, ms: 20_000 }).wait(5_000)
  session.do({ type: 'session.pause', by: ADA }, { type: 'vote.cast', by: BOB, value: '5' })
  session.wait(90_000).note()
  session.do({ type: 'session.resume', by: ADA }).wait(30_000)
  session.do({ type: 'round.reveal', by: BOB }, { type: 'round.reveal', by: ADA }).wait(3_000)
  session.do(
    { type: 'vote.cast', by: BOB, value: '5' },
    { type: 'vote.cast', by: CYD, value: '5' },
    { type: 'round.accept', by: ADA, estimate: '5' },
  )
}

function changeSeats(session: Recording): void {
  const take = {
    type: 'seat.take',
    by: BOB,
    digest: 'code 1',
    tokenDigest: tokenDigest('of his phone'),
  } as const
  session.do(
    { type: 'role.change', by: CYD, userId: CYD, role: 'voter' },
    { type: 'role.change', by: BOB, userId: CYD, role: 'observer' },
    { type: 'seat.offer', by: BOB, digest: 'code 1' },
  )
  session.marked(take, markOf('taking')).marked(take, markOf('taking')).do(take)
  session.do({ type: 'seat.offer', by: CYD, digest: 'code 2' }).wait(MINUTE_MS)
  session.do({ ...take, by: CYD, digest: 'code 2' })
  session.do({
    type: 'mobile.optimize',
    by: CYD,
    profile: {
      userId: CYD,
      heartbeatSeconds: 60,
      batchesEvents: true,
      reducesAnimations: false,
      adaptsToNetwork: true,
    },
  })
}

/** Rounds that reveal themselves: when time is up, and when everybody has voted. */
function playUnseen(session: Recording): void {
  const wish = {
    hasAnonymousVotes: true,
    revealsItself: true,
    roundMs: 30_000,
    whoMayReveal: 'everyone',
  } as const
  session.do(
    { type: 'settings.change', by: ADA, wish: { ...wish, deck: namedDeck('tshirt') } },
    { type: 'round.start', by: ADA, roundId: 'round 2' as RoundId, story: { id: ONE } },
    { type: 'vote.cast', by: ADA, value: 'M' },
    { type: 'vote.cast', by: BOB, value: 'L' },
    { type: 'settings.change', by: ADA, wish: { hasAnonymousVotes: false } },
  )
  session.wait(30_500)
  const story = { draft: draft(storyId(4), 'Retries') }
  session.do({ type: 'round.start', by: ADA, roundId: 'round 3' as RoundId, story })
  session.do(...[ADA, BOB, CYD].map((by) => ({ type: 'vote.cast', by, value: 'S' }) as const)).note()
  session
    .wait(3_000)
    .do(
      { type: 'vote.cast', by: BOB, value: 'M' },
      { type: 'stories.remove', by: ADA, storyId: TWO },
      { type: 'round.start', by: ADA, roundId: 'round 4' as RoundId },
      { type: 'vote.cast', by: CYD, value: 'XS' },
      { type: 'round.reveal', by: BOB },
    )
}

function part(session: Recording): Recording {
  return session
    .wait(10_000)
    .do(
      { type: 'leadership.transfer', by: ADA, to: BOB },
      { type: 'participant.kick', by: ADA, userId: CYD },
      { type: 'participant.kick', by: BOB, userId: CYD },
      { type: 'participant.leave', by: ADA },
      { type: 'session.extend', by: BOB },
      { type: 'session.end', by: BOB },
      { type: 'session.extend', by: BOB },
      { type: 'tick' },
    )
}
