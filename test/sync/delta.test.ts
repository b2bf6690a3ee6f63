import fc from 'fast-check'
import { statusOf } from '../../machines/session/machine.js'
import { DELTA_VERSIONS_MAX } from '../../machines/session/sync-strategy.js'
import { stateChecksum } from '../../src/sync/checksum.js'
import { readClientState } from '../../src/sync/client-state.js'
import { delta } from '../../src/sync/delta.js'
import { conflictsOf, syncFor } from '../../src/sync/reconnect.js'
import { publicState } from '../../src/wire/project.js'
import type { PublicState, ServerStateView } from '../../src/wire/views.js'
import { applyChanges, type Kept } from '../support/apply-changes.js'
import { anyHistory, play } from '../support/arbitraries.js'
import { ADA, BOB, Chart, chartIn, lost } from '../support/chart.js'
import { propertyRuns } from '../support/property-runs.js'

const stateOf = (chart: Chart): PublicState => publicState(chart.actor.getSnapshot())

/** What a client sends, as the server reads it. */
function read(sent: object) {
  const client = readClientState(JSON.parse(JSON.stringify(sent)))
  if (client === null) throw new Error('a client that knows something is taken to know nothing')
  return client
}

const clientOf = (state: PublicState) => read({ ...state, state_checksum: '0000000000000000' })

const serverOf = (state: PublicState): ServerStateView => ({ ...state, state_checksum: stateChecksum(state) })

/** Every state that a random history goes through. */
const anyStates = anyHistory.map((history) => {
  const chart = new Chart()
  return [
    stateOf(chart),
    ...history.map((step) => {
      play(chart, step)
      return stateOf(chart)
    }),
  ]
})

describe('the delta, applied to what the client has, is the server’s state', () => {
  const expectConverged = (kept: Kept, server: PublicState) => {
    const changes = delta(read({ ...kept, state_version: 0 }), server)
    const state = applyChanges(kept, changes, server)
    expect(state).toEqual(server)
    expect(stateChecksum(state as PublicState)).toBe(stateChecksum(server))
  }

  test('between any two states of any history, whatever is in between', () => {
    fc.assert(
      fc.property(anyStates, fc.nat(), fc.nat(), (states, from, to) => {
        const [old, current] = [states[from % states.length], states[to % states.length]]
        if (old !== undefined && current !== undefined) expectConverged(old, current)
      }),
      { numRuns: propertyRuns(400) },
    )
  })

  test('even for a client that says little, nothing or nonsense', () => {
    fc.assert(
      fc.property(anyStates, fc.nat(), fc.array(fc.nat(), { maxLength: 8 }), (states, at, picks) => {
        const server = states[at % states.length] ?? states[0]
        if (server === undefined) return
        expectConverged({}, server)
        const everybody = states.flatMap((state) => state.participants)
        const participants = picks.flatMap((pick) => everybody[pick % everybody.length] ?? [])
        expectConverged({ participants, current_round: null, status: 'ended' }, server)
      }),
      { numRuns: propertyRuns(200) },
    )
  })

  test('is empty for a client that has everything', () => {
    const state = stateOf(chartIn('voting'))
    expect(delta(clientOf(state), state)).toEqual([])
  })

  test('holds everything for a client that says nothing of its state', () => {
    const server = stateOf(chartIn('voting'))
    expect(delta(read({ state_version: 1 }), server)).toEqual([
      ...server.participants.map((data, position) => ({ type: 'participant_added', data, position })),
      { type: 'voting_state_changed', data: server.current_round },
      {
        type: 'status_changed',
        data: { status: 'voting', scrum_master_id: ADA, grace_period_active: false },
      },
    ])
  })

  test('takes the first entry of anybody listed twice by the client', () => {
    const server = stateOf(chartIn('waiting'))
    const [ada, bob] = server.participants
    const twice = (participants: readonly object[]) =>
      delta(read({ ...server, participants }), server).map(({ type, data }) => [type, data])
    const stale = { ...bob, name: 'Rob' }
    expect(twice([ada ?? {}, stale, bob ?? {}])).toEqual([['participant_updated', bob]])
    expect(twice([ada ?? {}, bob ?? {}, stale])).toEqual([])
    expect(twice([{ id: 'gone' }, { id: 'gone' }, ada ?? {}, bob ?? {}])).toEqual([
      ['participant_removed', { id: 'gone' }],
    ])
  })

  test('names what changed, and nothing else', () => {
    const chart = chartIn('waiting')
    const old = clientOf(stateOf(chart))
    chart.send(lost(BOB))
    expect(delta(old, stateOf(chart)).map((change) => change.type)).toEqual(['participant_updated'])
  })
})

describe('how a client is brought up to date (contract section 7)', () => {
  const atResults = () => {
    const server = serverOf(stateOf(chartIn('results')))
    const client = (behind: number, state_checksum = server.state_checksum) =>
      read({ state_version: server.state_version - behind, state_checksum })
    return { server, client }
  }

  test.each([
    ['the same version and checksum', 0, undefined, 'no_sync_needed', undefined],
    ['one version behind', 1, undefined, 'delta_sync', undefined],
    ['five versions behind', DELTA_VERSIONS_MAX, undefined, 'delta_sync', undefined],
    ['ahead of the server', -1, undefined, 'full_sync', 'ahead_of_server'],
    ['another checksum', 0, 'ffffffffffffffff', 'full_sync', 'checksum_mismatch'],
  ] as const)('%s', (_name, behind, checksum, type, reason) => {
    const { server, client } = atResults()
    const sync = syncFor(client(behind, checksum), server, false)
    expect(sync.type).toBe(type)
    expect('reason' in sync ? sync.reason : undefined).toBe(reason)
  })

  test('six versions behind, or no state', () => {
    const { server, client } = atResults()
    const late = { ...client(0), version: server.state_version - 6 }
    expect(syncFor(late, server, false)).toEqual({ type: 'full_sync', reason: 'too_far_behind' })
    expect(syncFor(null, server, false)).toEqual({ type: 'full_sync', reason: 'no_client_state' })
  })

  test('grace_period_active is true exactly when the status is grace_period', () => {
    fc.assert(
      fc.property(anyStates, (states) => {
        for (const { status, grace_period_active } of states)
          expect(grace_period_active).toBe(status === 'grace_period')
      }),
    )
  })

  test('after a partition, everything is sent, whatever the client has', () => {
    const { server, client } = atResults()
    expect(syncFor(client(0), server, true)).toEqual({ type: 'full_sync', reason: 'network_partition' })
  })

  test.each([true, false])(
    'a client that is wrong about whether the round is revealed (%s) is told',
    (is_revealed) => {
      const at = chartIn(is_revealed ? 'voting' : 'results')
      const state = serverOf(stateOf(at))
      const known = clientOf(stateOf(at))
      const conflict = {
        type: 'voting_reveal_conflict',
        client_state: is_revealed,
        server_state: !is_revealed,
        resolution: 'Server state takes precedence',
      }
      const wrong = (round: object) => read({ current_round: round })
      expect(conflictsOf(wrong({ ...known.currentRound, is_revealed }), state)).toEqual([conflict])
      expect(conflictsOf(wrong({ is_revealed }), state)).toEqual([conflict])
      expect(conflictsOf(known, state)).toEqual([])
      expect(conflictsOf(wrong({ id: 'another', is_revealed }), state)).toEqual([])
      expect(conflictsOf(wrong({ is_revealed: 'yes' }), state)).toEqual([])
    },
  )

  test('there is no conflict where either side has no round', () => {
    const [without, withRound] = [serverOf(stateOf(chartIn('waiting'))), serverOf(stateOf(chartIn('voting')))]
    const claim = { ...withRound.current_round, is_revealed: true }
    expect(conflictsOf(null, withRound)).toEqual([])
    expect(conflictsOf(read({ state_version: 1 }), withRound)).toEqual([])
    expect(conflictsOf(read({ current_round: null }), withRound)).toEqual([])
    expect(conflictsOf(read({ current_round: claim }), without)).toEqual([])
    expect(conflictsOf(read({ current_round: claim }), withRound)).toHaveLength(1)
  })

  test('the checksum covers the public view: hidden votes do not change it', () => {
    const [one, other] = [chartIn('waiting'), chartIn('waiting')]
    for (const [table, value] of [
      [one, '1'],
      [other, '21'],
    ] as const) {
      table.send(
        { type: 'round.start', by: ADA, roundId: 'r' as never },
        { type: 'vote.cast', by: BOB, value },
      )
    }
    expect(statusOf(one.actor.getSnapshot())).toBe('voting')
    expect(stateChecksum(stateOf(one))).toBe(stateChecksum(stateOf(other)))
  })
})
