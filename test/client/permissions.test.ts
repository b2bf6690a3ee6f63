import fc from 'fast-check'
import type { UserId } from '../../machines/ids.js'
import { participantOf } from '../../machines/session/context.js'
import type { JudgedCommand } from '../../machines/session/judged.js'
import { statusOf } from '../../machines/session/machine.js'
import { isCutOff } from '../../machines/session/partition.js'
import * as domain from '../../machines/session/permissions.js'
import { refusal } from '../../machines/session/policy.js'
import { canNudge, permissionsOf } from '../../src/client/permissions.js'
import { publicSession } from '../../src/wire/project.js'
import { anyHistory, PEOPLE, play } from '../support/arbitraries.js'
import { startBuiltServer } from '../support/built-server.js'
import { ADA, BOB, Chart, CYD, chartIn } from '../support/chart.js'
import { Clients, converged, until } from '../support/clients.js'

/** A hostile server may send anything, even an invalid deadline. */
const STATUSES = ['waiting', 'voting', 'revealing', 'results', 'paused', 'grace_period'] as const

test('whatever happens, a connected client works out what the server would say', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const chart = new Chart()
      for (const step of history) {
        play(chart, step)
        for (const userId of PEOPLE) if (isConnected(chart, userId)) expectSame(chart, userId)
      }
    }),
    { numRuns: 100 },
  )
})

/** Those away cannot know whom an abandoned session waits for; once they are back, it no longer waits. */
function isConnected({ context }: Chart, userId: UserId): boolean {
  return participantOf(context, userId)?.isOnline !== false && !isCutOff(context, userId)
}

function expectSame(chart: Chart, userId: UserId): void {
  const snapshot = chart.actor.getSnapshot()
  const position = { status: statusOf(snapshot), context: snapshot.context }
  const may = (command: JudgedCommand) => refusal(position, command) === null
  expect(permissionsOf(publicSession(snapshot, ''), userId)).toEqual({
    ...domain.permissionsOf(position, userId),
    canTransfer: may({ type: 'leadership.transfer', by: userId, to: userId }),
    canExtend: may({ type: 'session.extend', by: userId }),
    canEnd: may({ type: 'session.end', by: userId }),
    canAccept: may({ type: 'round.accept', by: userId }),
    canExtendRound: may({ type: 'round.extend', by: userId }),
    canChangeSettings: may({ type: 'settings.change', by: userId }),
    canChangeDeck: may({ type: 'settings.change', by: userId, wish: { deck: { name: null, cards: [] } } }),
    canEditStories: may({ type: 'stories.add', by: userId }),
    canChangeRole: may({ type: 'role.change', by: userId, userId }),
  })
  for (const whom of PEOPLE) {
    const waitsForRest = snapshot.context.nudges.length > 0
    if (!waitsForRest)
      expect(canNudge(publicSession(snapshot, ''), userId, whom)).toBe(
        may({ type: 'participant.nudge', by: userId, userId: whom }),
      )
  }
}

test.each(STATUSES)('in %s each permission is held by the right people, or by nobody', (status) => {
  const session = publicSession(chartIn(status).actor.getSnapshot(), '')
  const leader = permissionsOf(session, ADA)
  const member = permissionsOf(session, BOB)
  const isRunning = status !== 'paused' && status !== 'grace_period'
  expect(leader).toMatchObject({
    isScrumMaster: true,
    canStartVoting: isRunning && status !== 'voting',
    canVote: status === 'voting',
    canRevealVotes: status === 'voting',
    canPause: isRunning,
    canResume: status === 'paused',
    canEnd: true,
    canAccept: status === 'results',
    canChangeSettings: true,
    canEditStories: true,
    canExtendRound: false,
  })
  expect(member).toMatchObject({
    isScrumMaster: false,
    isParticipant: true,
    canStartVoting: false,
    canVote: status === 'voting',
    canRevealVotes: false,
    canTransfer: false,
    canExtend: true,
    canEnd: false,
  })
})

test('an open round keeps its deck, its roles and its time limit', () => {
  const open = chartIn('voting').send({ type: 'vote.cast', by: BOB, value: '5' })
  const session = publicSession(open.actor.getSnapshot(), '')
  expect(permissionsOf(session, ADA)).toMatchObject({
    canChangeSettings: true,
    canChangeDeck: false,
    canChangeRole: false,
  })
  expect([canNudge(session, ADA, BOB), canNudge(session, ADA, ADA), canNudge(session, null, BOB)]).toEqual([
    false,
    false,
    false,
  ])
  const limited = {
    ...session,
    current_round: session.current_round && { ...session.current_round, votes: {} },
  }
  expect([canNudge(limited, ADA, BOB), canNudge(limited, BOB, ADA)]).toEqual([true, false])
  const timed = session.current_round && { ...session.current_round, round_left_seconds: 10 }
  expect(permissionsOf({ ...session, current_round: timed }, ADA).canExtendRound).toBe(true)
})

test.each([
  ['a watcher', chartIn('voting'), null],
  ['somebody who is not in the session', chartIn('voting'), CYD],
])('%s may do nothing', (_who, chart, userId) => {
  const session = publicSession(chart.actor.getSnapshot(), '')
  expect(new Set(Object.values(permissionsOf(session, userId)))).toEqual(new Set([false]))
})

test('nobody may do anything in a session that is not known yet or is over', () => {
  const over = publicSession(chartIn('voting').send({ type: 'session.end', by: ADA }).actor.getSnapshot(), '')
  expect(new Set(Object.values(permissionsOf(null, ADA)))).toEqual(new Set([false]))
  const { isScrumMaster, isParticipant, ...rest } = permissionsOf(over, ADA)
  expect(new Set(Object.values(rest))).toEqual(new Set([false]))
})

test('the snapshot has the permissions, and they change with the session', async () => {
  const server = await startBuiltServer({ RATE_LIMITING: 'false' })
  const clients = new Clients()
  const { leader, member } = await clients.table(server.url)
  expect(leader.permissions).toMatchObject({ canStartVoting: true, canVote: false, canKickUsers: true })
  await until(() => member.connection === 'streaming')
  const before = member.permissions
  const heard: boolean[] = []
  member.subscribe(({ permissions }) => heard.push(permissions.canVote))
  await leader.commands.start()
  await converged(member, server.url)
  expect(before.canVote).toBe(false)
  expect(member.permissions.canVote).toBe(true)
  expect(heard).toContain(true)
  await leader.commands.transfer(member.seat?.userId ?? '')
  await until(() => member.permissions.canRevealVotes)
  await clients.close()
  await server.stop()
})
