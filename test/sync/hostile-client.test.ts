import { stateChecksum } from '../../src/sync/checksum.js'
import { applyChanges, delta } from '../../src/sync/delta.js'
import { conflictsOf, syncFor } from '../../src/sync/reconnect.js'
import { clientState } from '../../src/wire/sync.js'
import { serverStateView } from '../../src/wire/views.js'

const ADA = '11111111-1111-4111-8111-111111111111'
const BOB = '22222222-2222-4222-8222-222222222222'
const ROUND = '33333333-3333-4333-8333-333333333333'
const AT = '2026-01-31T09:30:00.000Z'
const LONE_SURROGATE = '\ud800'

const ada = { id: ADA, name: 'Ada', avatar: 'fox', is_online: true, joined_at: AT }
const bob = { id: BOB, name: 'Bob', avatar: 'owl', is_online: true, joined_at: AT }
const vote = { user_id: BOB, value: null, submitted_at: AT }
const round = { id: ROUND, votes: { [BOB]: vote }, is_revealed: false, statistics: null, started_at: AT }
const stamp = { state_version: 3, state_checksum: '0000000000000000' }

const server = serverStateView.parse({
  session_id: ADA,
  status: 'voting',
  participants: [ada, bob],
  scrum_master_id: ADA,
  current_round: round,
  state_version: 5,
  grace_period_active: false,
  state_checksum: '1111111111111111',
})
const { state_checksum: _, ...publicState } = server

/** As a body comes in: what JSON cannot say is no attack. */
const parsed = (state: object) => clientState.safeParse(JSON.parse(JSON.stringify(state)))

describe('a client state made to break the server', () => {
  test.each([
    ['a name', { participants: [{ ...ada, name: LONE_SURROGATE }, bob] }, 'participant_updated'],
    [
      'a time of joining',
      { participants: [{ ...ada, joined_at: LONE_SURROGATE }, bob] },
      'participant_updated',
    ],
    ["a round's start", { current_round: { ...round, started_at: LONE_SURROGATE } }, 'voting_state_changed'],
    [
      "a vote's time",
      { current_round: { ...round, votes: { [BOB]: { ...vote, submitted_at: LONE_SURROGATE } } } },
      'voting_state_changed',
    ],
  ])('with a lone surrogate in %s is corrected, not choked on', (_name, lies, type) => {
    const truth = { participants: [ada, bob], current_round: round, status: 'voting', scrum_master_id: ADA }
    const client = clientState.parse({ ...stamp, ...truth, grace_period_active: false, ...lies })
    const changes = delta(client, publicState)
    expect(changes.map((change) => change.type)).toEqual([type])
    const state = applyChanges(client, changes, publicState)
    expect(state).toEqual(publicState)
    expect(stateChecksum({ ...publicState, ...state })).toBe(stateChecksum(publicState))
    expect(syncFor(client, server, false)).toEqual({ type: 'delta_sync', changes })
    expect(conflictsOf(client, server)).toEqual([])
  })

  test('knows a round whose votes are named in another order', () => {
    const adas = { ...vote, user_id: ADA }
    const both = { ...round, votes: { [ADA]: adas, [BOB]: vote } }
    const turned = { ...round, votes: { [BOB]: vote, [ADA]: adas } }
    const client = clientState.parse({ ...stamp, participants: [ada, bob], current_round: turned })
    const target = serverStateView.parse({ ...server, current_round: both })
    expect(delta(client, target).map((change) => change.type)).toEqual(['status_changed'])
  })

  test.each([
    ['fewer votes', { votes: {} }],
    ['more votes', { votes: { [ADA]: { ...vote, user_id: ADA }, [BOB]: vote } }],
    ['the vote of another', { votes: { [ADA]: vote } }],
    ['a revealed round', { is_revealed: true }],
  ])('with %s is given the round', (_name, lie) => {
    const client = clientState.parse({ ...stamp, current_round: { ...round, ...lie } })
    expect(delta(client, publicState)).toContainEqual({
      type: 'voting_state_changed',
      current_round: server.current_round,
    })
  })

  test('with __proto__ as a member is refused, and as a voter changes no prototype', () => {
    const withProto = (state: object) =>
      `${JSON.stringify(state).slice(0, -1)},"__proto__":{"polluted":true}}`
    expect(clientState.safeParse(JSON.parse(withProto(stamp))).success).toBe(false)
    const votes = withProto(round.votes)
    const body = JSON.stringify({ ...stamp, current_round: round }).replace(
      JSON.stringify(round.votes),
      votes,
    )
    expect(body).toContain('__proto__')
    const client = clientState.safeParse(JSON.parse(body))
    if (client.success) {
      const state = applyChanges(client.data, delta(client.data, publicState), publicState)
      expect(Object.keys(state.current_round?.votes ?? {})).toEqual([BOB])
    }
    expect('polluted' in {}).toBe(false)
  })

  test.each([
    ['a member of its own making', { admin: true }],
    ['more participants than a session can have', { participants: Array.from({ length: 1_001 }, () => ada) }],
    ['a version below 0', { state_version: -1 }],
    ['a checksum that is none', { state_checksum: 'x' }],
  ])('with %s is refused', (_name, lie) => {
    expect(parsed({ ...stamp, ...lie }).success).toBe(false)
  })
})
