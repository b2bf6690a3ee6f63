import type { NodeId, StoryId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { sessionMachine } from '../../machines/session/machine.js'
import { memoryLog } from '../../src/log/memory/command-log.js'
import type { CommandLog } from '../../src/runtime/command-log.js'
import { tokenDigest } from '../../src/runtime/credentials.js'
import { SessionHost } from '../../src/runtime/session-host.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { Telemetry } from '../../src/runtime/telemetry.js'
import { Turn } from '../../src/runtime/turn.js'
import { stateDigest } from '../../src/sync/state-digest.js'
import { ADA, BOB, CYD, ROUND, SESSION, SETTINGS } from '../support/chart.js'
import { SimulatedClock } from '../support/simulated-clock.js'

function rethrow(error: unknown): never {
  throw error
}

/** Somebody's host of the one session. */
function hostOn(commandLog: CommandLog, node: string): SessionHost {
  const clock = new SimulatedClock()
  const creator = { id: ADA, name: 'Ada', avatar: 'fox' }
  const tokenOfAda = tokenDigest('of Ada')
  const input = { id: SESSION, name: 'Sprint', creator, tokenDigest: tokenOfAda, at: 0, settings: SETTINGS }
  return new SessionHost(
    new SessionReplica({ input, address: '' }, { machine: sessionMachine, eventLogSize: 16 }),
    {
      clock,
      commandLog: { ...commandLog, node: node as NodeId },
      telemetry: new Telemetry({ date: () => clock.now(), isCollecting: false }),
      turn: new Turn(rethrow),
      onEnded: () => {},
      onFailed: (_host, _fault, error) => rethrow(error),
    },
  )
}

const join = (userId: UserId, at: number): SessionCommand => ({
  type: 'participant.join',
  at,
  userId,
  name: userId,
  avatar: 'owl',
  tokenDigest: tokenDigest(`of ${userId}`),
})

const ENTRIES: readonly SessionCommand[] = [
  join(BOB, 1),
  join(CYD, 2),
  { type: 'round.start', at: 3, by: ADA, roundId: ROUND },
  { type: 'vote.cast', at: 4, by: BOB, value: '5' },
  // Nobody may, so nothing comes of it.
  { type: 'stories.remove', at: 5, by: BOB, storyId: 'story' as StoryId },
  { type: 'seat.offer', at: 6, by: BOB, digest: 'of the code' },
  { type: 'seat.take', at: 7, by: BOB, digest: 'of the code', tokenDigest: tokenDigest('of the phone') },
  { type: 'seat.take', at: 8, by: BOB, digest: 'of the code', tokenDigest: tokenDigest('of a thief') },
  { type: 'participant.leave', at: 9, by: CYD },
]

test('whoever carries out a session’s entries, written and read back, knows what its first host knows', () => {
  const written: string[] = []
  const first = hostOn(
    {
      ...memoryLog,
      follow: (id, follower) => {
        const commands = memoryLog.follow(id, follower)
        return {
          ...commands,
          propose: (command, settled) => {
            written.push(JSON.stringify(command))
            commands.propose(command, settled)
          },
        }
      },
    },
    'here',
  )
  for (const entry of ENTRIES) first.propose(entry)
  const second = hostOn(memoryLog, 'elsewhere')
  for (const line of written) second.propose(JSON.parse(line))

  expect(stateDigest(second.snapshot)).toBe(stateDigest(first.snapshot))
  const owners = (host: SessionHost) =>
    ['of Ada', `of ${BOB}`, 'of the phone', 'of a thief', `of ${CYD}`].map((token) =>
      host.credentials.ownerOf(token),
    )
  expect(owners(first)).toEqual([ADA, BOB, BOB, null, null])
  expect(owners(second)).toEqual(owners(first))
  expect(written.join()).not.toContain('of the phone')
  first.stop()
  second.stop()
})
