import fc from 'fast-check'
import { DECK } from '../../machines/deck.js'
import type { NodeId, RoundId, UserId } from '../../machines/ids.js'
import { participantOf } from '../../machines/session/context.js'
import { ADA, BOB, type Chart, CYD, NODE, TOKEN_DIGEST, type Untimed } from './chart.js'
import { estimationCommand, repeatsStoryId } from './estimation-arbitraries.js'

/** The people in random histories; the last one never joins by chance alone. */
export const PEOPLE: readonly UserId[] = [
  ADA,
  BOB,
  CYD,
  ...['dee', 'eli', 'fay'].map((name) => name as UserId),
]

const OTHER_NODE = 'other node' as NodeId

const person = fc.constantFrom(...PEOPLE)

/** Any command, sensible or not. */
export const anyCommand: fc.Arbitrary<Untimed> = fc.oneof(
  {
    weight: 4,
    arbitrary: person.map(
      (userId) =>
        ({
          type: 'participant.join',
          userId,
          name: userId,
          avatar: 'owl',
          tokenDigest: TOKEN_DIGEST,
        }) as const,
    ),
  },
  { weight: 1, arbitrary: person.map((by) => ({ type: 'participant.leave', by }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(person, person)
      .map(([by, userId]) => ({ type: 'participant.kick', by, userId }) as const),
  },
  {
    weight: 2,
    arbitrary: person.map((by) => ({ type: 'participant.reconnect', by, known: null }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(person, person).map(([by, to]) => ({ type: 'leadership.transfer', by, to }) as const),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(person, fc.nat(99))
      .map(([by, n]) => ({ type: 'round.start', by, roundId: `round ${n}` as RoundId }) as const),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(person, fc.constantFrom(...DECK))
      .map(([by, value]) => ({ type: 'vote.cast', by, value }) as const),
  },
  { weight: 3, arbitrary: person.map((by) => ({ type: 'round.reveal', by }) as const) },
  { weight: 1, arbitrary: person.map((by) => ({ type: 'session.pause', by }) as const) },
  { weight: 2, arbitrary: person.map((by) => ({ type: 'session.resume', by }) as const) },
  { weight: 1, arbitrary: person.map((by) => ({ type: 'session.extend', by }) as const) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(person, fc.constantFrom(NODE, OTHER_NODE), fc.nat(2))
      .map(([userId, node, open]) => ({ type: 'presence.streams', userId, node, open }) as const),
  },
  { weight: 1, arbitrary: person.map((userId) => ({ type: 'presence.seen', userId }) as const) },
  {
    weight: 1,
    arbitrary: person.map((userId) => ({ type: 'presence.heartbeat', userId, leaseMs: 75_000 }) as const),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(NODE, OTHER_NODE).map((node) => ({ type: 'node.lost', node }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'tick' } as const) },
  { weight: 16, arbitrary: estimationCommand(fc.oneof(person, fc.constant(ADA))) },
)

/** A step of a history: time passes, or a command comes that joins only those who are not there. */
export type Step = { readonly wait: number } | { readonly command: Untimed }

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: anyCommand.map((command) => ({ command })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 1, 999, 3_000, 60_000, 80_000, 180_000, 300_000).map((wait) => ({ wait })),
  },
)

export const anyHistory = fc.array(anyStep, { minLength: 1, maxLength: 80 })

/** Plays a step; a repeated join or story is left out, since ids are always new. */
export function play(chart: Chart, step: Step): void {
  if ('wait' in step) {
    chart.wait(step.wait)
    return
  }
  const { command } = step
  const isKnown =
    command.type === 'participant.join' && participantOf(chart.context, command.userId) !== undefined
  if (!isKnown && !repeatsStoryId(chart.context, command)) chart.send(command)
}
