import fc from 'fast-check'
import { participantOf } from '../../machines/session/context.js'
import { brokenInvariant } from '../../machines/session/invariants.js'
import { statusOf } from '../../machines/session/machine.js'
import { refusal } from '../../machines/session/policy.js'
import { isLeaderMissed, isLeaderOnline } from '../../machines/session/succession.js'
import { anyHistory, type Step } from '../support/arbitraries.js'
import { Chart } from '../support/chart.js'

const SEATS = 4

/** Plays a step; a join by somebody who is in already is left out, since ids are new in every join. */
function play(chart: Chart, step: Step): void {
  if ('wait' in step) {
    chart.wait(step.wait)
    return
  }
  const { command } = step
  const isKnown =
    command.type === 'participant.join' && participantOf(chart.context, command.userId) !== undefined
  if (!isKnown) chart.send(command)
}

describe('whatever is commanded, in whatever order', () => {
  test('the invariants hold, versions rise by one, and the phase fits the presence', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const chart = new Chart({ participantsMax: SEATS })
        let { version } = chart.context
        for (const step of history) {
          play(chart, step)
          const snapshot = chart.actor.getSnapshot()
          const { context } = snapshot
          expect(snapshot.status).not.toBe('error')
          expect(brokenInvariant(context)).toBeNull()
          expect(context.participants.length).toBeLessThanOrEqual(SEATS)
          if (!('wait' in step)) expect(context.version - version).toBe(newerThan(chart, version))
          expect(context.version).toBeGreaterThanOrEqual(version)
          version = context.version
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
            const isTimer = step.command.type === 'timers.rearm'
            expect(snapshot.can({ ...step.command, at: chart.clock.now() })).toBe(
              isTimer ? position.status !== 'ended' : !isRefused,
            )
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
        expect(JSON.stringify(one.actor.getPersistedSnapshot())).toBe(
          JSON.stringify(other.actor.getPersistedSnapshot()),
        )
      }),
      { numRuns: 100 },
    )
  })
})

function newerThan(chart: Chart, version: number): number {
  return chart.context.events.filter((event) => event.version > version).length
}
