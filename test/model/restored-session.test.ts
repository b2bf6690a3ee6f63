import fc from 'fast-check'
import { revealedRounds } from '../../machines/session/rounds.js'
import { timersOf } from '../../machines/session/timers.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { anyStep, play } from '../support/arbitraries.js'
import { Chart, MINUTE_MS } from '../support/chart.js'

const SEATS = 4

/** What must occur in the histories for them to prove anything about it. */
const ESTIMATION_EVENTS = [
  'session_updated',
  'vote_withdrawn',
  'vote_changed',
  'round_extended',
  'round_timer_ended',
  'estimate_accepted',
  'stories_updated',
  'role_changed',
  'user_nudged',
]

test('a session restored at any moment equals one that never stopped, in its bytes and its timers', () => {
  let steps = 0
  const made = new Set<string>()
  const met = { anonymousRounds: 0, observers: 0, stories: 0, heldTimers: 0 }
  fc.assert(
    fc.property(fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: 200, maxLength: 200 }), (history) => {
      const settings = { participantsMax: SEATS, lifeMs: 24 * 60 * MINUTE_MS, idleMs: 60 * MINUTE_MS }
      const original = new Chart(settings)
      let replica = new Chart(settings)
      for (const [step, isRestored] of history) {
        if (isRestored) replica = replica.restored()
        play(original, step)
        play(replica, step)
        steps += 1
        const [one, other] = [original.actor.getSnapshot(), replica.actor.getSnapshot()]
        if (stateJson(one) !== stateJson(other)) expect(stateJson(other)).toBe(stateJson(one))
        expect(timersOf(other)).toEqual(timersOf(one))
        for (const type of original.newEvents()) made.add(type)
        const { participants, stories, heldAt, round } = original.context
        if (revealedRounds(original.context).some(({ isAnonymous }) => isAnonymous)) met.anonymousRounds += 1
        if (participants.some(({ role }) => role === 'observer')) met.observers += 1
        if (stories.length > 0) met.stories += 1
        if (heldAt !== null && round?.revealedAt === null) met.heldTimers += 1
      }
    }),
    { numRuns: 500 },
  )
  expect(steps).toBe(100_000)
  for (const type of ESTIMATION_EVENTS) expect(made).toContain(type)
  for (const [what, count] of Object.entries(met)) expect([what, count > 1_000]).toEqual([what, true])
}, 300_000)
