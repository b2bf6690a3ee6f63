import { DEFAULT_RULES, withRules } from '../../machines/session/rules.js'
import {
  extendRoundBody,
  rulesWish,
  settingsBody,
  settingsOf,
  settingsView,
} from '../../src/wire/settings.js'

function issuesOf(body: unknown): string[] {
  const parsed = settingsBody.safeParse(body)
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

const cards = (count: number) => Array.from({ length: count }, (_, n) => String(n))

describe('settings', () => {
  test('have their defaults when nothing is requested', () => {
    expect(settingsOf(withRules(DEFAULT_RULES, rulesWish(settingsBody.parse({}))))).toEqual({
      deck: { name: 'magnapp', cards: ['1', '2', '3', '5', '8', '13', '21', 'coffee'] },
      auto_reveal: false,
      round_seconds: null,
      who_may_reveal: 'scrum_master',
      vote_after_reveal: false,
      anonymous_votes: false,
      listed: true,
    })
  })

  test('take every request, and leave the rest as it is', () => {
    const wish = {
      deck: ['½', '1', 'pass'],
      auto_reveal: true,
      round_seconds: 10,
      who_may_reveal: 'everyone',
      vote_after_reveal: true,
      anonymous_votes: true,
      listed: false,
    }
    const rules = withRules(DEFAULT_RULES, rulesWish(settingsBody.parse(wish)))
    const view = settingsOf(rules)
    expect(view).toEqual({ ...wish, deck: { name: null, cards: wish.deck } })
    expect(settingsView.parse(view)).toEqual(view)
    const later = withRules(rules, rulesWish(settingsBody.parse({ round_seconds: null, deck: 'tshirt' })))
    expect(settingsOf(later)).toMatchObject({
      deck: { name: 'tshirt' },
      round_seconds: null,
      auto_reveal: true,
    })
  })

  test.each([
    [{ auto_revael: true }, 'auto_revael'],
    [{ deck: 'magnap' }, 'deck: must be one of magnapp'],
    [{ deck: 'toString' }, 'deck: must be one of magnapp'],
    [{ deck: null }, 'deck: must be one of magnapp'],
    [{ deck: {} }, 'deck: must be one of magnapp'],
    [{ deck: ['1'] }, 'deck: must have at least 2 cards'],
    [{ deck: cards(25) }, 'deck: must have at most 24 cards'],
    [{ deck: cards(100_000) }, 'deck: must have at most 24 cards'],
    [{ deck: ['5', '５'] }, 'deck.1: must not look like a card before it'],
    [{ deck: ['xs', 'S', 'XS'] }, 'deck.2: must not look like a card before it'],
    [{ deck: ['1', ''] }, 'deck.1: must have 1 to 8 characters'],
    [{ deck: ['1', ' '] }, 'deck.1: must have 1 to 8 characters'],
    [{ deck: ['1', '123456789'] }, 'deck.1: must have 1 to 8 characters'],
    [{ deck: ['1', 'a\u0000'] }, 'deck.1: must not contain control'],
    [{ deck: ['1', '\u202e2'] }, 'deck.1: must not contain control'],
    [{ deck: ['1', 2] }, 'deck.1: must be a text'],
    [{ auto_reveal: 'true' }, 'auto_reveal: must be true or false'],
    [{ anonymous_votes: 1 }, 'anonymous_votes: must be true or false'],
    [{ round_seconds: 9 }, 'round_seconds: must be a whole number of seconds from 10 to 3600'],
    [{ round_seconds: 3_601 }, 'round_seconds: must be a whole number of seconds from 10 to 3600'],
    [{ round_seconds: 10.5 }, 'round_seconds: must be a whole number of seconds from 10 to 3600'],
    [{ round_seconds: '60' }, 'round_seconds: must be a whole number of seconds from 10 to 3600'],
    [{ who_may_reveal: 'nobody' }, 'who_may_reveal: must be scrum_master or everyone'],
    [[], ': '],
    [null, ': '],
  ])('%j is refused', (body, message) => {
    const issues = issuesOf(body)
    expect(issues).toHaveLength(1)
    expect(issues[0]).toContain(message)
  })

  test('have all their faults reported at once', () => {
    expect(issuesOf({ deck: ['1', '1', '１', ''], round_seconds: 1, listed: 'no' })).toHaveLength(5)
  })

  test('take cards as a person means them, and 2 to 24 for a deck', () => {
    expect(settingsBody.parse({ deck: ['  5 ', 'e\u0301'] }).deck?.cards).toEqual(['5', 'é'])
    expect(settingsBody.parse({ deck: cards(24) }).deck?.cards).toHaveLength(24)
    expect(settingsBody.parse({ deck: cards(2) }).deck?.name).toBeNull()
    expect(settingsBody.parse({ deck: ['toString', 'valueOf'] }).deck?.cards).toEqual(['toString', 'valueOf'])
  })

  test.each([9, 601, '60', 10.5, null, undefined])('a round is not extended by %p seconds', (seconds) => {
    expect(extendRoundBody.safeParse({ seconds }).success).toBe(false)
  })
})
