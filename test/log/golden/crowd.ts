import type { RoundId, StoryId, UserId } from '../../../machines/ids.js'
import { participantOf } from '../../../machines/session/context.js'
import { ADA, BOB, CYD, MINUTE_MS, type Untimed } from '../../support/chart.js'
import { EAST, joining, Recording, streams, WEST } from './recording.js'

const PEOPLE = [ADA, BOB, CYD, 'dee' as UserId, 'eve' as UserId]
const STEPS = 150
const NOTED_EVERY = 60
const SEED = 42

/** People who do whatever comes to mind, sensible or not; the same in every run. */
export function crowd(): Recording {
  const session = new Recording()
  const random = new Random(SEED)
  session.do(streams(ADA, EAST, 1)).join(WEST, BOB)
  for (let step = 1; step <= STEPS && session.context.endReason === null; step += 1) {
    if (random.below(9) === 0) session.wait(random.of([3_000, 20_000, MINUTE_MS, 6 * MINUTE_MS]))
    const userId = random.of(PEOPLE)
    const isIn = participantOf(session.context, userId) !== undefined
    session.do(isIn ? anything(session, random, userId, step) : joining(userId))
    if (step % NOTED_EVERY === 0) session.note()
  }
  return session
}

/** Something this participant does. @param step - yields the ids */
function anything(session: Recording, random: Random, by: UserId, step: number): Untimed {
  const { stories, participants, scrumMasterId } = session.context
  const storyId = random.of([...stories.map(({ id }) => id), 'no story' as StoryId])
  const userId = random.of(participants).id
  const roundId = `round ${step}` as RoundId
  const id = `story ${step}` as StoryId
  const draft = { id, title: `Title ${step}`, link: null, notes: null, estimate: null }
  const wish = {
    roundMs: random.of([null, 30_000]),
    revealsItself: random.of([true, false]),
    hasAnonymousVotes: random.of([true, false]),
    allowsVoteAfterReveal: random.of([true, false]),
  }
  return random.of<Untimed>([
    ...['1', '5', '8', 'coffee'].map((value): Untimed => ({ type: 'vote.cast', by, value })),
    { type: 'vote.withdraw', by },
    { type: 'round.start', by: scrumMasterId, roundId },
    { type: 'round.start', by: scrumMasterId, roundId, story: { draft } },
    { type: 'round.start', by: scrumMasterId, roundId, story: { id: storyId } },
    { type: 'round.reveal', by: scrumMasterId },
    { type: 'round.extend', by: scrumMasterId, ms: 20_000 },
    { type: 'round.accept', by: scrumMasterId, estimate: '5' },
    { type: 'settings.change', by: scrumMasterId, wish },
    { type: 'role.change', by, userId: by, role: random.of(['voter', 'observer']) },
    { type: 'stories.remove', by: scrumMasterId, storyId },
    { type: 'participant.nudge', by: scrumMasterId, userId },
    { type: 'leadership.transfer', by: scrumMasterId, to: userId },
    { type: 'participant.leave', by },
    { type: 'session.pause', by: scrumMasterId },
    { type: 'session.resume', by: scrumMasterId },
    { type: 'session.resume', by: scrumMasterId },
    { type: 'participant.reconnect', by, known: null },
    { type: 'presence.heartbeat', userId, leaseMs: 75_000 },
    { type: 'node.lost', node: random.of([EAST, WEST]) },
    ...[0, 1, 1, 2].map((open) => streams(userId, random.of([EAST, WEST]), open)),
  ])
}

/** Pseudo-random numbers from a seed (a linear congruential generator, Numerical Recipes). */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** An integer from 0 up to but excluding `end`. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * end)
  }

  of<Choice>(choices: readonly Choice[]): Choice {
    const [choice] = choices.slice(this.below(choices.length))
    if (choice === undefined) throw new Error('there is nothing to choose from')
    return choice
  }
}
