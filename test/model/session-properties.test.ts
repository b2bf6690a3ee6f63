import fc from 'fast-check'
import { brokenInvariant } from '../../machines/session/invariants.js'
import { statusOf } from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import { revealedRounds } from '../../machines/session/rounds.js'
import { isLeaderMissed, isLeaderOnline } from '../../machines/session/succession.js'
import { stateJson } from '../../src/sync/state-digest.js'
import { anyHistory, play } from '../support/arbitraries.js'
import { Chart } from '../support/chart.js'
import { propertyRuns } from '../support/property-runs.js'

const SEATS = 4

describe('whatever the commands, in whatever order', () => {
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
      { numRuns: propertyRuns(400) },
    )
  })

  test('the policy refuses exactly what the chart does not accept', () => {
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
      { numRuns: propertyRuns(200) },
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
      { numRuns: propertyRuns(100) },
    )
  })
})
