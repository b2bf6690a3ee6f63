import { createActor } from 'xstate'
import type { RoundId, StoryId, UserId } from '../../machines/ids.js'
import { supervisorMachine } from '../../machines/supervisor/machine.js'
import type { Frame } from '../../src/dev/inspector/frames.js'
import { shownEvent } from '../../src/dev/inspector/projection.js'
import { Tap } from '../../src/dev/inspector/tap.js'
import type { RunningActor } from '../../src/runtime/running-actor.js'
import { ADA, BOB, Chart, lost, ROUND, SESSION, TOKEN_DIGEST } from '../support/chart.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const watching = (chart: Chart): RunningActor => ({ kind: 'session', id: SESSION, actor: chart.actor })

/** A chart with Ada and Bob, a tap that follows it, and the frames so far. */
function tapped(onFault: (error: unknown) => void = () => {}) {
  const chart = new Chart().join(BOB)
  const tap = new Tap({ clock: chart.clock, onFault })
  const frames: Frame[] = []
  tap.watch(watching(chart))
  tap.listen((frame) => frames.push(frame))
  return { chart, tap, frames }
}

const startRound = { type: 'round.start', by: ADA, roundId: ROUND } as const

describe('the tap', () => {
  test("reports a command, the transitions it took, and the state after it, in Stately's shapes", () => {
    const { chart, frames } = tapped()
    chart.send(startRound)
    const sessionId = chart.actor.sessionId
    const common = { _version: '0.7.2', createdAt: '0', rootId: sessionId, sessionId }
    const event = { type: 'round.start', by: ADA, roundId: ROUND, at: 0 }
    expect(frames).toEqual([
      { ...common, id: '1', type: '@xstate.event', event },
      {
        ...common,
        id: expect.any(String),
        type: '@xstate.microstep',
        event,
        transitions: [
          {
            eventType: 'round.start',
            source: 'session.active.led.round.waiting',
            targets: ['session.active.led.round.voting'],
            guard: 'permitted',
          },
        ],
      },
      { ...common, id: expect.any(String), type: '@xstate.snapshot', event, snapshot: expect.anything() },
    ])
    expect(frames[2]).toMatchObject({
      snapshot: {
        status: 'active',
        value: { active: { led: { round: 'voting' } } },
        tags: ['voting'],
        context: { version: 2, round: { id: ROUND, is_revealed: false, votes: {} } },
        timers: [
          { delay: 'idleDeadline', stateId: 'session.active', dueAt: 600_000 },
          { delay: 'idleWarning', stateId: 'session.active', dueAt: 480_000 },
        ],
      },
    })
  })

  test('shows the rules, stories, roles and the story of a round, and no card of an anonymous round', () => {
    const { chart, frames } = tapped()
    const story = { id: 'story' as StoryId, title: 'Log in', link: null, notes: null, estimate: null }
    chart.send(
      { type: 'settings.change', by: ADA, wish: { hasAnonymousVotes: true, roundMs: 60_000 } },
      { type: 'role.change', by: BOB, userId: BOB, role: 'observer' },
      { type: 'stories.add', by: ADA, drafts: [story] },
      { ...startRound, story: { id: story.id } },
      { type: 'vote.cast', by: ADA, value: '21' },
      { type: 'round.reveal', by: ADA },
    )
    expect(frames.at(-1)).toMatchObject({
      snapshot: {
        context: {
          rules: { deck: 'magnapp', hasAnonymousVotes: true, roundMs: 60_000 },
          stories: 1,
          pastRounds: expect.any(Number),
          participants: [{ role: 'voter' }, { role: 'observer' }],
          round: { story: 'Log in', attempt: 1, anonymous: true, average: 21, votes: { [ADA]: 'hidden' } },
        },
      },
    })
  })

  test('reports an eventless transition like any other', () => {
    const { chart, frames } = tapped()
    chart.send(lost(ADA))
    const taken = frames.flatMap((frame) => (frame.type === '@xstate.microstep' ? frame.transitions : []))
    expect(taken).toContainEqual({
      eventType: '',
      source: 'session.active.led',
      targets: ['session.active.grace_period'],
      guard: 'isLeaderMissed',
    })
  })

  test('gives a late listener every actor in its current state, children under their parents', () => {
    const chart = new Chart().join(BOB).send(startRound)
    const tap = new Tap({ clock: chart.clock, onFault: () => {} })
    const input = { sessionsMax: 3, sessionsPerAddressMax: 0, desertedMs: 1 }
    const supervisor = createActor(supervisorMachine, { clock: chart.clock, input })
    tap.watch({ kind: 'supervisor', actor: supervisor })
    supervisor.start()
    tap.watch(watching(chart))
    const roster = tap.roster()
    expect(roster.map(({ name, parentId }) => [name, parentId])).toEqual([
      ['supervisor', undefined],
      [`session ${SESSION}`, supervisor.sessionId],
    ])
    expect(new Set(roster.map(({ rootId }) => rootId))).toEqual(new Set([supervisor.sessionId]))
    expect(roster[1]?.snapshot).toMatchObject({ tags: ['voting'] })
    for (const { definition } of roster) expect(JSON.parse(definition)).toHaveProperty('states')
  })

  test('forgets actors that have ended, except the newest few', () => {
    const clock = new SimulatedClock()
    const tap = new Tap({ clock, onFault: () => {} })
    for (let count = 0; count < 50; count += 1) {
      const actor = createActor(supervisorMachine, {
        clock,
        input: { sessionsMax: 3, sessionsPerAddressMax: 0, desertedMs: 1 },
      })
      tap.watch({ kind: 'supervisor', actor })
      actor.start().send({ type: 'server.stop' })
    }
    expect(tap.roster().length).toBeLessThanOrEqual(21)
  })
})

describe('what the tap shows', () => {
  /** The whole life of a session in which Ada and Bob cast these votes. */
  function frames(votes: readonly ['1' | '13', 'coffee' | '21']): string[] {
    const { chart, tap, frames } = tapped()
    const roster = JSON.stringify(tap.roster())
    chart.send(startRound, { type: 'vote.cast', by: ADA, value: votes[0] })
    chart.send({ type: 'vote.cast', by: BOB, value: votes[1] }, { type: 'session.pause', by: ADA })
    chart.send({ type: 'session.resume', by: ADA }, lost(BOB))
    const late = JSON.stringify(tap.roster())
    return [roster, ...frames.map((frame) => JSON.stringify(frame)), late].map(withoutActorIds)
  }

  /** XState numbers actors across all runs. */
  function withoutActorIds(json: string): string {
    return json.replaceAll(/x:\d+/g, '')
  }

  test('is the same before the reveal, byte for byte, whatever the votes', () => {
    expect(frames(['1', 'coffee'])).toEqual(frames(['13', '21']))
    expect(frames(['1', 'coffee']).join()).toContain('hidden')
  })

  test('contains the votes after the reveal', () => {
    const { chart, frames } = tapped()
    chart.send(startRound, { type: 'vote.cast', by: ADA, value: '13' }, { type: 'round.reveal', by: ADA })
    expect(JSON.stringify(frames.at(-1))).toContain(`"votes":{"${ADA}":"13"}`)
  })

  test('contains nothing that was not picked: no new member of an event, no initial context', () => {
    const secret = 'a-secret-token'
    const strange = { type: 'vote.cast', by: ADA, value: '13', token: secret, reason: { secret }, at: 1 }
    expect(shownEvent(strange)).toEqual({ type: 'vote.cast', by: ADA, at: 1 })
    const { tap } = tapped()
    for (const { definition } of tap.roster()) expect(JSON.parse(definition)).not.toHaveProperty('context')
  })
})

describe('a fault of the inspector', () => {
  const lifeOf = (chart: Chart) => {
    chart.send(startRound, { type: 'vote.cast', by: ADA, value: '5' }, { type: 'round.reveal', by: ADA })
    return JSON.stringify(chart.actor.getPersistedSnapshot())
  }
  const undisturbed = lifeOf(new Chart().join(BOB))

  test('in a listener is counted and affects neither the actor nor other listeners', () => {
    const faults: unknown[] = []
    const { chart, tap, frames } = tapped((error) => faults.push(error))
    tap.listen(() => {
      throw new Error('the listener')
    })
    const later: Frame[] = []
    tap.listen((frame) => later.push(frame))
    expect(lifeOf(chart)).toBe(undisturbed)
    expect(later).toHaveLength(9)
    expect(later).toEqual(frames)
    expect(tap.faults).toBe(9)
    expect(faults).toContainEqual(new Error('the listener'))
  })

  const circle: Record<string, unknown> = {}
  circle['reason'] = circle
  const throwing = {
    get reason(): never {
      throw new Error('the getter')
    },
  }
  test.each([
    ['a BigInt', { reason: 1n }, 0],
    ['a circle', circle, 0],
    ['a getter that throws', throwing, 3],
    ['a text without end', { reason: 'x'.repeat(1_000_000) }, 0],
  ])('with an event that holds %s leaves the actor alone', (_name, members, faults) => {
    const { chart, tap, frames } = tapped()
    const extend = { type: 'session.extend', by: ADA, at: 0 } as const
    chart.actor.send(Object.defineProperties({ ...extend }, Object.getOwnPropertyDescriptors(members)))
    const bare = new Chart().join(BOB)
    bare.actor.send(extend)
    expect(chart.actor.getPersistedSnapshot()).toEqual(bare.actor.getPersistedSnapshot())
    expect(tap.faults).toBe(faults)
    expect(JSON.stringify(frames).length).toBeLessThan(10_000)
  })

  test('in the list of actors leaves out that actor only', () => {
    const { chart, tap } = tapped()
    const broken = new Chart()
    tap.watch(watching(broken))
    jest.spyOn(broken.actor, 'getSnapshot').mockImplementation(() => {
      throw new Error('the snapshot')
    })
    expect(tap.roster().map(({ sessionId }) => sessionId)).toEqual([chart.actor.sessionId])
  })
})

test('without a listener, no frame is made', () => {
  const chart = new Chart()
  const now = jest.fn(() => 0)
  const tap = new Tap({ clock: { now }, onFault: () => {} })
  tap.watch(watching(chart))
  chart.send({
    type: 'participant.join',
    userId: 'x' as UserId,
    name: 'x',
    avatar: 'owl',
    tokenDigest: TOKEN_DIGEST,
  })
  chart.send({ ...startRound, roundId: 'r' as RoundId })
  expect(now).not.toHaveBeenCalled()
})
