import type { SessionId, UserId } from '../../machines/ids.js'
import type { SessionCommand } from '../../machines/session/commands.js'
import { sessionMachine } from '../../machines/session/machine.js'
import type { CommandLog, Follower, Placed } from '../../src/runtime/command-log.js'
import { tokenDigest } from '../../src/runtime/credentials.js'
import type { Mark } from '../../src/runtime/marks.js'
import type { Outcome } from '../../src/runtime/outcome.js'
import type { Birth, PersistedSession } from '../../src/runtime/persisted-session.js'
import { SessionReplica } from '../../src/runtime/session-replica.js'
import { ADA, ROUND, SETTINGS } from '../support/chart.js'

/** An engine under test. */
export interface Engine {
  readonly log: CommandLog
  close(): Promise<void>
}

/** A session run as a host runs it. */
export interface Table {
  readonly id: SessionId
  readonly replica: SessionReplica
  /** Proposes a command; outcomes are recorded. */
  propose(command: SessionCommand, settled?: (outcome: Outcome) => void, mark?: Mark): void
  /** Does something once the log was read, as a request does. */
  afterCatchingUp(work: () => void): Promise<void>
  /** The outcomes of all proposals of this table, in the order proposed, once all are settled. */
  untilSettled(): Promise<readonly Outcome[]>
}

export const person = (name: string) => name as UserId

export const join = (name: string): SessionCommand => ({
  type: 'participant.join',
  at: 0,
  userId: person(name),
  name,
  avatar: 'owl',
  tokenDigest: tokenDigest(`of ${name}`),
})

export const extend: SessionCommand = { type: 'session.extend', at: 0, by: ADA }

export function birthOf(id: string): Birth {
  const creator = { id: ADA, name: 'Ada', avatar: 'fox' }
  const sessionId = id as SessionId
  return {
    input: {
      id: sessionId,
      name: 'Sprint',
      creator,
      tokenDigest: tokenDigest('of ada'),
      at: 0,
      settings: SETTINGS,
    },
    address: '',
  }
}

export function replicaOf(from: Birth | PersistedSession): SessionReplica {
  return new SessionReplica(from, { machine: sessionMachine, eventLogSize: 256 })
}

/** Creates a session on a log; there is always a place for it. */
export function create(log: CommandLog, id: string, beside: Partial<Birth['input']> = {}): Promise<Placed> {
  const { input, address } = birthOf(id)
  const creation = { birth: { input: { ...input, ...beside }, address }, sessionsMax: 1_000, evicted: null }
  return new Promise((resolve) => log.create(creation, resolve))
}

/** A new session on a log. */
export async function tableOn(log: CommandLog, id: string, beside?: Partial<Birth['input']>): Promise<Table> {
  const placed = await create(log, id, beside)
  if (placed.type !== 'placed') throw new Error('there is no session')
  return tableOf(log, replicaOf(placed.birth))
}

/** A session that somebody else started. */
export async function tableFrom(log: CommandLog, id: string): Promise<Table | null> {
  let replica: SessionReplica | null = null
  const isThere = await log.load(id as SessionId, (from) => {
    replica = replicaOf(from)
    return replica
  })
  return isThere && replica !== null ? tableOf(log, replica) : null
}

function tableOf(log: CommandLog, replica: SessionReplica): Table {
  const commands = log.follow(replica.id, replica satisfies Follower)
  const pending: Promise<Outcome>[] = []
  return {
    id: replica.id,
    replica,
    propose: (command, settled, mark) => {
      const settling = new Promise<Outcome>((resolve, reject) => {
        let times = 0
        commands.propose(
          command,
          (outcome) => {
            times += 1
            if (times > 1) reject(new Error('settled twice'))
            settled?.(outcome)
            resolve(outcome)
          },
          mark,
        )
      })
      pending.push(settling)
    },
    afterCatchingUp: (work) =>
      new Promise((resolve) =>
        commands.catchUp(() => {
          work()
          resolve()
        }),
      ),
    untilSettled: () => Promise.all(pending),
  }
}

/** The contract that every command log engine keeps. */
export function keepsTheContract(
  open: () => Promise<Engine>,
  kind: { readonly isSynchronous: boolean },
): void {
  let engine: Engine
  let table: Table

  beforeEach(async () => {
    engine = await open()
    table = await tableOn(engine.log, 'one')
  })

  afterEach(() => engine.close())

  test('commands are settled once each, in the order in which they were proposed', async () => {
    const order: number[] = []
    for (let index = 0; index < 200; index += 1) table.propose(extend, () => order.push(index))
    expect(order).toHaveLength(kind.isSynchronous ? 200 : 0)
    const outcomes = await table.untilSettled()
    expect(order).toEqual(outcomes.map((_, index) => index))
    expect(table.replica.snapshot.context.revision).toBe(200)
  })

  test('each proposer is told the states before and after its command, whatever came later', async () => {
    for (let index = 1; index < 12; index += 1) table.propose(join(`p${index}`))
    const outcomes = await table.untilSettled()
    expect(
      outcomes.map(
        (outcome) =>
          outcome.type === 'done' && [
            outcome.before.context.participants.length,
            outcome.after.snapshot.context.participants.length,
          ],
      ),
    ).toEqual(outcomes.map((_, index) => [index + 1, index + 2]))
  })

  test('whether a command is refused depends on those proposed before it, and a refusal changes nothing', async () => {
    table.propose(join('bob'))
    table.propose({ type: 'round.start', at: 0, by: person('bob'), roundId: ROUND })
    table.propose({ type: 'vote.cast', at: 0, by: ADA, value: '5' })
    table.propose({ type: 'round.start', at: 0, by: ADA, roundId: ROUND })
    table.propose({ type: 'vote.cast', at: 0, by: ADA, value: '5' })
    const types = (await table.untilSettled()).map((outcome) =>
      outcome.type === 'refused' ? outcome.refusal.code : outcome.type,
    )
    expect(types).toEqual(['done', 'UNAUTHORIZED', 'VOTING_ERROR', 'done', 'done'])
    expect(table.replica.snapshot.context.revision).toBe(3)
  })

  test('what is proposed on hearing an outcome is carried out too', async () => {
    table.propose(join('bob'), () => table.propose(extend))
    table.propose(join('cyd'))
    await table.untilSettled()
    expect((await table.untilSettled()).map(({ type }) => type)).toEqual(['done', 'done', 'done'])
  })

  test('sessions do not affect each other', async () => {
    const other = await tableOn(engine.log, 'another')
    for (let index = 0; index < 40; index += 1) (index % 4 === 0 ? other : table).propose(extend)
    await Promise.all([table.untilSettled(), other.untilSettled()])
    const revisions = [table, other].map(({ replica }) => replica.snapshot.context.revision)
    expect(revisions).toEqual([30, 10])
  })
}
