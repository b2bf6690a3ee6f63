import fc from 'fast-check'
import { brokenInvariant } from '../../machines/session/invariants.js'
import { statusOf } from '../../machines/session/machine.js'
import { revealedRounds } from '../../machines/session/rounds.js'
import { refusal } from '../../machines/session/policy.js'
import { timersOf } from '../../machines/session/timers.js'
import { isLeaderMissed, isLeaderOnline } from '../../machines/session/succession.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { anyHistory, anyStep, play } from '../support/arbitraries.js'
import { Chart, MINUTE_MS } from '../support/chart.js'

const SEATS = 4

/** What the histories must have met, so that they say something of it. */
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

describe('whatever is commanded, in whatever order', () => {
  test('the invariants hold, versions rise by one, and the phase fits the presence', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const chart = new Chart({ participantsMax: SEATS })
        let made = 0
        let { revision } = chart.context
        for (const step of history) {
          play(chart, step)
          const snapshot = chart.actor.getSnapshot()
          const { context } = snapshot
          made += chart.newEvents().length
          expect(snapshot.status).not.toBe('error')
          expect(brokenInvariant(context)).toBeNull()
          expect(context.participants.length).toBeLessThanOrEqual(SEATS)
          expect(context.version).toBe(made)
          expect(context.revision).toBeGreaterThanOrEqual(revision)
          revision = context.revision
          for (const { isAnonymous, votes } of revealedRounds(context)) {
            if (isAnonymous) expect(votes.every(({ value }) => value === null)).toBe(true)
          }
          const status = statusOf(snapshot)
          expect(context.grace !== null && status !== 'ended').toBe(status === 'grace_period')
          if (status === 'grace_period') expect(isLeaderMissed(context)).toBe(true)
          if (
            ['waiting', 'voting', 'revealing', 'results'].includes(status) &&
            context.participants.length > 1
          ) {
            expect(isLeaderOnline(context)).toBe(true)
          }
        }
      }),
      { numRuns: 400 },
    )
  })

  test('the policy refuses exactly what the chart does not take', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const chart = new Chart({ participantsMax: SEATS })
        for (const step of history) {
          if ('command' in step) {
            const snapshot = chart.actor.getSnapshot()
            const position = { status: statusOf(snapshot), context: snapshot.context }
            const isRefused = refusal(position, step.command) !== null
            expect(snapshot.can({ ...step.command, at: chart.clock.now() })).toBe(!isRefused)
            if (isRefused) {
              chart.send(step.command)
              expect(chart.context).toEqual(snapshot.context)
              continue
            }
          }
          play(chart, step)
        }
      }),
      { numRuns: 200 },
    )
  })

  test('the same commands give the same snapshots, byte for byte', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const [one, other] = [new Chart(), new Chart()]
        for (const step of history) {
          play(one, step)
          play(other, step)
        }
        expect(stateJson(one.actor.getSnapshot())).toBe(stateJson(other.actor.getSnapshot()))
      }),
      { numRuns: 100 },
    )
  })

  test('a session that is restored at any moment is the one that never stopped: its bytes, its timers', () => {
    let steps = 0
    const made = new Set<string>()
    const met = { anonymousRounds: 0, observers: 0, stories: 0, heldTimers: 0 }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyStep, fc.boolean()), { minLength: 200, maxLength: 200 }),
        (history) => {
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
            if (revealedRounds(original.context).some(({ isAnonymous }) => isAnonymous))
              met.anonymousRounds += 1
            if (participants.some(({ role }) => role === 'observer')) met.observers += 1
            if (stories.length > 0) met.stories += 1
            if (heldAt !== null && round?.revealedAt === null) met.heldTimers += 1
          }
        },
      ),
      { numRuns: 500 },
    )
    expect(steps).toBe(100_000)
    for (const type of ESTIMATION_EVENTS) expect(made).toContain(type)
    for (const [what, count] of Object.entries(met)) expect([what, count > 1_000]).toEqual([what, true])
  }, 300_000)
})
