import fc from 'fast-check'
import { DECK_NAMES, type Deck, namedDeck } from '../../machines/deck.js'
import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import type { SessionContext } from '../../machines/session/context.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { TOKEN_DIGEST, type Untimed } from './chart.js'

const OWN_DECK: Deck = { name: null, cards: ['½', '1', '5', 'big', 'toString', '?'] }

const storyId = fc.nat(7).map((n) => `story ${n}` as StoryId)
const card = fc.constantFrom('½', '1', '5', '8', 'M', 'coffee', 'toString', '９')
const text = fc.constantFrom('Short', 'Long '.repeat(30), '=1+1')

const draft = storyId.map((id) => ({ id, title: `Title of ${id}`, link: null, notes: null, estimate: null }))

const wish: fc.Arbitrary<Partial<SessionRules>> = fc.record(
  {
    deck: fc.constantFrom(OWN_DECK, ...DECK_NAMES.map(namedDeck)),
    revealsItself: fc.boolean(),
    roundMs: fc.constantFrom(null, 10_000, 60_000),
    whoMayReveal: fc.constantFrom('scrum_master' as const, 'everyone' as const),
    allowsVoteAfterReveal: fc.boolean(),
    hasAnonymousVotes: fc.boolean(),
    isListed: fc.boolean(),
  },
  { requiredKeys: [] },
)

/** Any command of contract sections 9 and 10, sensible or not, by one of these people. */
export function estimationCommand(person: fc.Arbitrary<UserId>): fc.Arbitrary<Untimed> {
  const of = <Rest extends object>(rest: fc.Arbitrary<Rest>) =>
    fc.tuple(person, rest).map(([by, members]) => ({ by, ...members }))
  const digest = fc.nat(4).map(String)
  return fc.oneof(
    of(fc.record({ type: fc.constant('settings.change' as const), wish })),
    of(fc.record({ type: fc.constant('vote.cast' as const), value: card })),
    of(fc.record({ type: fc.constant('vote.cast' as const), value: card })),
    of(fc.constant({ type: 'vote.withdraw' as const })),
    of(fc.record({ type: fc.constant('round.extend' as const), ms: fc.constantFrom(10_000, 600_000) })),
    of(fc.record({ type: fc.constant('round.accept' as const), estimate: card })),
    of(
      fc.record({
        type: fc.constant('role.change' as const),
        userId: person,
        role: fc.constantFrom('voter' as const, 'observer' as const),
      }),
    ),
    of(
      fc.record({
        type: fc.constant('round.start' as const),
        roundId: fc.nat(99).map((n) => `round ${n}` as RoundId),
        story: fc.oneof(
          storyId.map((id) => ({ id })),
          draft.map((one) => ({ draft: one })),
        ),
      }),
    ),
    of(
      fc.record({
        type: fc.constant('stories.add' as const),
        drafts: fc.uniqueArray(draft, { selector: ({ id }) => id, maxLength: 3 }),
      }),
    ),
    of(
      fc.record({
        type: fc.constant('stories.patch' as const),
        storyId,
        patch: fc.record({ title: text, notes: fc.option(text) }, { requiredKeys: [] }),
      }),
    ),
    of(fc.record({ type: fc.constant('stories.remove' as const), storyId })),
    of(
      fc.record({
        type: fc.constant('stories.order' as const),
        storyIds: fc.array(storyId, { maxLength: 8 }),
      }),
    ),
    of(fc.record({ type: fc.constant('participant.nudge' as const), userId: person })),
    of(fc.record({ type: fc.constant('seat.offer' as const), digest })),
    of(
      fc.record({ type: fc.constant('seat.take' as const), digest, tokenDigest: fc.constant(TOKEN_DIGEST) }),
    ),
  )
}

/** Whether a command makes a story with an id already taken: ids are new in every command. */
export function repeatsStoryId({ stories }: SessionContext, command: Untimed): boolean {
  const drafts =
    command.type === 'stories.add'
      ? command.drafts
      : command.type === 'round.start' && command.story !== undefined && 'draft' in command.story
        ? [command.story.draft]
        : []
  return drafts.some(({ id }) => stories.some((story) => story.id === id))
}
