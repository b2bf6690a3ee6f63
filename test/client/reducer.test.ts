import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { SessionEvent } from '../../machines/session/events.js'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import { checksummedText, reduce } from '../../src/client/reducer.js'
import { loggedEvent } from '../../src/runtime/envelopes.js'
import { jsonOf } from '../../src/runtime/event-log.js'
import { stateChecksum } from '../../src/sync/checksum.js'
import { publicSession, publicState } from '../../src/wire/project.js'
import type { SessionView } from '../../src/wire/views.js'
import { anyHistory, play } from '../support/arbitraries.js'
import { Chart } from '../support/chart.js'

const checksum = (snapshot: SessionSnapshot) => stateChecksum(publicState(snapshot))
const ownChecksum = (session: SessionView) =>
  createHash('sha256').update(checksummedText(session)).digest('hex').slice(0, 16)

/** A step's envelopes, as they go over the wire. */
function envelopes(snapshot: SessionSnapshot, events: readonly SessionEvent[]) {
  const after = { snapshot, checksum: () => checksum(snapshot) }
  return events.map((event) =>
    JSON.parse(jsonOf(loggedEvent(event, after, event === events.at(-1))).toString()),
  )
}

test('a client that applies every event has the state that each checksum is computed from', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const chart = new Chart()
      chart.newSteps()
      let session: SessionView = publicSession(chart.actor.getSnapshot(), '')
      for (const step of history) {
        play(chart, step)
        for (const { snapshot, events } of chart.newSteps()) {
          for (const envelope of envelopes(snapshot, events)) {
            session = reduce(session, envelope)
            if (envelope.state_checksum !== null) expect(ownChecksum(session)).toBe(envelope.state_checksum)
          }
        }
      }
      const now = publicSession(chart.actor.getSnapshot(), '')
      expect({ ...session, expires_at: '', last_activity: '', state_checksum: '' }).toEqual({
        ...now,
        expires_at: '',
        last_activity: '',
        state_checksum: '',
      })
    }),
    { numRuns: 200 },
  )
})
