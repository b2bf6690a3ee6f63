import type { SessionId } from '../../machines/ids.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import type { CommandLog, CommandLogWatcher } from '../../src/runtime/command-log.js'
import type { Made } from '../../src/runtime/session-creation.js'
import { Supervisor } from '../../src/runtime/supervisor.js'
import { Telemetry } from '../../src/runtime/telemetry.js'
import { Turn } from '../../src/runtime/turn.js'
import { birthOf } from '../log/contract.js'
import { ADA, SETTINGS } from '../support/chart.js'
import { SimulatedClock } from '../support/simulated-clock.js'

/* Reading a session, or giving one its place, takes a moment, in which it may end, or this process may. */

const ID = 'one' as SessionId

/** A supervisor with one session, on a log that is read when the test says so. */
function supervised() {
  let watcher: CommandLogWatcher | null = null
  const loads: ((isThere: boolean) => void)[] = []
  const creations: (() => void)[] = []
  const letGo: SessionId[] = []
  const ended: SessionId[] = []
  const clock = new SimulatedClock()
  const commandLog: CommandLog = {
    ...memoryLog,
    isDurable: true,
    watch: (given) => {
      watcher = given
    },
    load: (id, restore) =>
      new Promise((resolve) =>
        loads.push((isThere) => {
          if (isThere) restore(birthOf(id))
          resolve(isThere)
        }),
      ),
    create: (creation, placed) => {
      creations.push(() => memoryLog.create(creation, placed))
    },
    end: (id) => {
      ended.push(id)
    },
    letGo: (id) => {
      letGo.push(id)
    },
  }
  const supervisor = new Supervisor({
    clock,
    sessionsMax: 2,
    sessionsPerAddressMax: 0,
    desertedMs: 0,
    eventLogSize: 16,
    commandLog,
    settings: SETTINGS,
    telemetry: new Telemetry(),
    turn: new Turn(() => {}),
  })
  const { settings: _, ...input } = birthOf(ID).input
  const create = (id: SessionId) =>
    new Promise<Made>((made, fail) =>
      supervisor.create({ ...input, id }, '', { made, fail, again: () => {} }),
    )
  create(ID)
  creations.shift()?.()
  return {
    supervisor,
    create,
    creations,
    ended,
    loads,
    letGo,
    drop: () => watcher?.dropped(ID, false),
    hear: (id: SessionId) => watcher?.created(id, null),
  }
}

test.each([
  ['its log is there', true, [ID]],
  ['nothing is there', false, []],
])(
  'a session that is over before it is loaded again leaves nothing behind when %s',
  async (_how, isThere, gone) => {
    const { supervisor, loads, letGo, drop } = supervised()
    drop()
    supervisor.find(ID)?.propose({ type: 'session.end', at: 0, by: ADA })
    expect(supervisor.capacity.active).toBe(0)
    loads[0]?.(isThere)
    await new Promise((resolve) => setImmediate(resolve))
    expect(letGo).toEqual(gone)
    expect(supervisor.capacity.active).toBe(0)
    expect(supervisor.hasEnded(ID)).toBe(true)
  },
)

test('a session is loaded again, and continues', async () => {
  const { supervisor, loads, letGo, drop } = supervised()
  drop()
  loads[0]?.(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect([supervisor.capacity.active, letGo]).toEqual([1, []])
  supervisor.find(ID)?.propose({ type: 'session.end', at: 0, by: ADA })
  expect(supervisor.hasEnded(ID)).toBe(true)
})

test('a session that is read while the process ends does not run here', async () => {
  const { supervisor, loads, letGo, hear } = supervised()
  const other = 'other' as SessionId
  hear(other)
  supervisor.stop()
  loads[0]?.(true)
  await new Promise((resolve) => setImmediate(resolve))
  expect([letGo, [...supervisor.sessions()]]).toEqual([[other], []])
})

test('a session that gets its place while the process ends does not run here, and is removed from the log', async () => {
  const { supervisor, create, creations, ended } = supervised()
  const other = 'other' as SessionId
  const asked = create(other)
  supervisor.stop()
  creations[0]?.()
  expect(await asked).toMatchObject({ code: 'SERVICE_UNAVAILABLE' })
  expect([ended, [...supervisor.sessions()]]).toEqual([[other], []])
})
