import type { SessionId } from '../../machines/ids.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import { SessionIndex } from '../../src/runtime/session-index.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { SessionRestorer } from '../../src/runtime/session-restorer.js'
import { birthOf, extend, replicaOf } from '../log/contract.js'
import { fragile } from '../support/fragile-chart.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const ID = 'one' as SessionId

function restorer(replica = replicaOf) {
  let reads = 0
  const faults: unknown[] = []
  const made = new SessionRestorer({
    clock: new SimulatedClock(),
    commandLog: {
      ...memoryLog,
      load: async (_id, restore) => {
        reads += 1
        restore(birthOf(ID)).apply(extend)
        return true
      },
    },
    index: new SessionIndex(),
    sessionsMax: 10,
    replica,
    restored: () => {},
    unreadable: (_id, error) => faults.push(error),
  })
  return { made, faults, reads: () => reads }
}

test('what a session throws as it continues from its log costs that session, and not the process', async () => {
  const { made, faults } = restorer()
  const broken = new Error('broken')
  const told: (string | undefined)[] = []
  await new Promise<void>((resolve) => {
    made.reload(ID, 0, false, (replica) => {
      told.push(replica?.id)
      if (replica !== null) throw broken
      resolve()
    })
  })
  expect(told).toEqual([ID, undefined])
  expect(faults).toEqual([broken])
})

test('a session that several ask for is read once', async () => {
  const { made, reads } = restorer()
  const asked = [1, 2, 3].map(() => new Promise<boolean>((resolve) => made.load(ID, resolve)))
  expect(await Promise.all(asked)).toEqual([true, true, true])
  expect(reads()).toBe(1)
})

test('a session whose actor stands still after it was read again is not continued', async () => {
  const { machine, fuse } = fragile('extend')
  const { made, faults } = restorer((from) => {
    fuse.isLit = true
    const replica = new SessionReplica(from, { machine, eventLogSize: 16 })
    // It is not restarted, as if that had failed too.
    replica.watch({ stepped: () => {}, failed: () => {} })
    return replica
  })
  expect(await new Promise((resolve) => made.reload(ID, 0, false, resolve))).toBeNull()
  expect(faults).toEqual([new Error('the fuse')])
})
