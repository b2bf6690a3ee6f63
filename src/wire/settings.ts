import * as z from 'zod'
import {
  CARD_LENGTH_MAX,
  DECK_CARDS_MAX,
  DECK_CARDS_MIN,
  DECK_NAMES,
  type Deck,
  lookAlikes,
  namedDeck,
} from '../../machines/deck.js'
import type { SessionRules } from '../../machines/session/rules.js'
import { personalText, playedCard } from './scalars.js'

/** A session's settings in requests and answers (contract section 9). */

const ROUND_SECONDS_MIN = 10
const ROUND_SECONDS_MAX = 3_600
const EXTENSION_SECONDS_MIN = 10
const EXTENSION_SECONDS_MAX = 600
/** Longer than any card. */
const TEXT_LOOKED_AT_MAX = 100

const ownCards = z
  .array(personalText(CARD_LENGTH_MAX))
  .min(DECK_CARDS_MIN, `must have at least ${DECK_CARDS_MIN} cards`)
  .max(DECK_CARDS_MAX, `must have at most ${DECK_CARDS_MAX} cards`)

/** The name of a deck, or custom cards. */
const deckWish = z
  .unknown()
  .transform((wish, context): Deck => {
    const cards: unknown[] | null = Array.isArray(wish) ? wish : null
    const parsed =
      cards === null ? deckName.safeParse(wish) : ownCards.safeParse(cards.slice(0, DECK_CARDS_MAX + 1))
    const faults = [...(parsed.error?.issues ?? []), ...repeats(cards ?? [])]
    for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message })
    if (!parsed.success || faults.length > 0) return z.NEVER
    return typeof parsed.data === 'string' ? namedDeck(parsed.data) : { name: null, cards: parsed.data }
  })
  .meta({
    anyOf: [
      { enum: DECK_NAMES },
      {
        type: 'array',
        minItems: DECK_CARDS_MIN,
        maxItems: DECK_CARDS_MAX,
        items: { type: 'string', minLength: 1, maxLength: CARD_LENGTH_MAX },
        description: 'custom cards; no two may look alike',
      },
    ],
  })

const deckName = z.enum(DECK_NAMES, { error: `must be one of ${DECK_NAMES.join(', ')}, or a list of cards` })

/** Checks the cards as they were sent, so that repeats are reported along with other faults. */
function repeats(cards: readonly unknown[]) {
  const texts = cards
    .slice(0, DECK_CARDS_MAX)
    .map((card, place) =>
      typeof card === 'string' && card.trim() !== ''
        ? card.trim().slice(0, TEXT_LOOKED_AT_MAX)
        : `no card ${place}`,
    )
  return lookAlikes(texts).map((place) => ({ path: [place], message: 'must not look like a card before it' }))
}

const toggle = z.boolean({ error: 'must be true or false' })

/** The settings to change; unknown members are refused, so that a misspelt one is not silently lost. */
export const settingsBody = z
  .strictObject({
    deck: deckWish.optional(),
    auto_reveal: toggle.optional(),
    round_seconds: seconds(ROUND_SECONDS_MIN, ROUND_SECONDS_MAX).nullable().optional(),
    who_may_reveal: z
      .enum(['scrum_master', 'everyone'], { error: 'must be scrum_master or everyone' })
      .optional(),
    vote_after_reveal: toggle.optional(),
    anonymous_votes: toggle.optional(),
    listed: toggle.optional(),
  })
  .meta({ examples: [{ deck: 'fibonacci', auto_reveal: true, round_seconds: 60 }] })

export const extendRoundBody = z
  .object({ seconds: seconds(EXTENSION_SECONDS_MIN, EXTENSION_SECONDS_MAX) })
  .meta({ examples: [{ seconds: 60 }] })

export const deckView = z.strictObject({
  name: z.enum(DECK_NAMES).nullable().meta({ description: 'null for custom cards' }),
  cards: z.array(playedCard).meta({ description: 'in display order' }),
})

export const settingsView = z.strictObject({
  deck: deckView,
  auto_reveal: z.boolean(),
  round_seconds: z.number().nullable().meta({ description: 'null: a round lasts until somebody reveals' }),
  who_may_reveal: z.enum(['scrum_master', 'everyone']),
  vote_after_reveal: z.boolean(),
  anonymous_votes: z.boolean(),
  listed: z.boolean(),
})

export type SettingsBody = z.output<typeof settingsBody>
/** What clients send: a deck by name, or custom cards. */
export type SettingsWish = Omit<z.input<typeof settingsBody>, 'deck'> & {
  readonly deck?: (typeof DECK_NAMES)[number] | readonly string[]
}
export type SettingsView = z.infer<typeof settingsView>
export type DeckView = z.infer<typeof deckView>

/** The requested settings in the domain's terms. */
export function rulesWish(body: SettingsBody): Partial<SessionRules> {
  const { deck, auto_reveal, round_seconds, who_may_reveal, vote_after_reveal, anonymous_votes, listed } =
    body
  return {
    ...(deck !== undefined && { deck }),
    ...(auto_reveal !== undefined && { revealsItself: auto_reveal }),
    ...(round_seconds !== undefined && { roundMs: round_seconds === null ? null : round_seconds * 1_000 }),
    ...(who_may_reveal !== undefined && { whoMayReveal: who_may_reveal }),
    ...(vote_after_reveal !== undefined && { allowsVoteAfterReveal: vote_after_reveal }),
    ...(anonymous_votes !== undefined && { hasAnonymousVotes: anonymous_votes }),
    ...(listed !== undefined && { isListed: listed }),
  }
}

export function settingsOf(rules: SessionRules): SettingsView {
  return {
    deck: deckOf(rules.deck),
    auto_reveal: rules.revealsItself,
    round_seconds: rules.roundMs === null ? null : rules.roundMs / 1_000,
    who_may_reveal: rules.whoMayReveal,
    vote_after_reveal: rules.allowsVoteAfterReveal,
    anonymous_votes: rules.hasAnonymousVotes,
    listed: rules.isListed,
  }
}

export function deckOf({ name, cards }: Deck): DeckView {
  return { name, cards: [...cards] }
}

function seconds(min: number, max: number) {
  const error = `must be a whole number of seconds from ${min} to ${max}`
  return z.int({ error }).min(min, error).max(max, error)
}
