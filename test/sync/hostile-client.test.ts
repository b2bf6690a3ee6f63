import { stateChecksum } from '../../src/sync/checksum.js'
import { readClientState } from '../../src/sync/client-state.js'
import { delta } from '../../src/sync/delta.js'
import { conflictsOf, syncFor } from '../../src/sync/reconnect.js'
import { reconnectBody } from '../../src/wire/sync.js'
import { serverStateView } from '../../src/wire/views.js'
import { applyChanges } from '../support/apply-changes.js'

const ADA = '11111111-1111-4111-8111-111111111111'
const BOB = '22222222-2222-4222-8222-222222222222'
const ROUND = '33333333-3333-4333-8333-333333333333'
const AT = '2026-01-31T09:30:00.000Z'
const LONE_SURROGATE = '\ud800'

const ada = { id: ADA, name: 'Ada', avatar: 'fox', role: 'voter', is_online: true, joined_at: AT }
const bob = { id: BOB, name: 'Bob', avatar: 'owl', role: 'voter', is_online: true, joined_at: AT }
const vote = { user_id: BOB, value: null, submitted_at: AT }
const round = {
  id: ROUND,
  votes: { [BOB]: vote },
  is_revealed: false,
  statistics: null,
  started_at: AT,
  story: null,
  attempt: 1,
  anonymous: false,
  accepted_estimate: null,
  round_ends_at: null,
  round_left_seconds: null,
}
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

/** The state as it comes in, in a JSON body. */
function fromText(text: string) {
  const { client_state } = reconnectBody.parse(JSON.parse(`{"client_state":${text}}`)) ?? {}
  return client_state == null ? null : readClientState(client_state)
}

const sent = (state: object) => fromText(JSON.stringify(state))

function known(state: object) {
  const client = sent(state)
  if (client === null) throw new Error('a client that knows something is taken to know nothing')
  return client
}

describe('a client state made to break the server', () => {
  test.each([
    ['a name', { participants: [{ ...ada, name: LONE_SURROGATE }, bob] }, 'participant_updated'],
    ['a joining time', { participants: [{ ...ada, joined_at: LONE_SURROGATE }, bob] }, 'participant_updated'],
    ["a round's start", { current_round: { ...round, started_at: LONE_SURROGATE } }, 'voting_state_changed'],
    [
      "a vote's time",
      { current_round: { ...round, votes: { [BOB]: { ...vote, submitted_at: LONE_SURROGATE } } } },
      'voting_state_changed',
    ],
  ])('with a lone surrogate in %s is corrected, and does no harm', (_name, lies, type) => {
    const truth = { participants: [ada, bob], current_round: round, status: 'voting', scrum_master_id: ADA }
    const client = known({ ...stamp, ...truth, ...lies })
    const changes = delta(client, publicState)
    expect(changes.map((change) => change.type)).toEqual([type])
    const state = applyChanges(Object({ ...publicState, ...lies }), changes, publicState)
    expect(state).toEqual(publicState)
    expect(stateChecksum({ ...publicState, ...state })).toBe(stateChecksum(publicState))
    expect(syncFor(client, server, false)).toEqual({ type: 'delta_sync', changes })
    expect(conflictsOf(client, server)).toEqual([])
  })

  test('may list a round’s votes in another order', () => {
    const adas = { ...vote, user_id: ADA }
    const both = { ...round, votes: { [ADA]: adas, [BOB]: vote } }
    const turned = { ...round, votes: { [BOB]: vote, [ADA]: adas } }
    const client = known({ ...stamp, participants: [ada, bob], current_round: turned })
    const target = serverStateView.parse({ ...server, current_round: both })
    expect(delta(client, target).map((change) => change.type)).toEqual(['status_changed'])
  })

  test.each([
    ['fewer votes', { votes: {} }],
    ['more votes', { votes: { [ADA]: { ...vote, user_id: ADA }, [BOB]: vote } }],
    ['somebody else’s vote', { votes: { [ADA]: vote } }],
    ['a revealed round', { is_revealed: true }],
  ])('with %s is sent the round', (_name, lie) => {
    const client = known({ ...stamp, current_round: { ...round, ...lie } })
    expect(delta(client, publicState)).toContainEqual({
      type: 'voting_state_changed',
      data: server.current_round,
    })
  })

  test('with __proto__ as a member, or as a voter, changes no prototype', () => {
    const withProto = (state: object) =>
      `${JSON.stringify(state).slice(0, -1)},"__proto__":{"polluted":true,"state_version":5}}`
    expect(fromText(withProto({ admin: true }))).toBeNull()
    expect(fromText(withProto(stamp))?.version).toBe(3)
    const votes = withProto(round.votes)
    const text = JSON.stringify({ ...stamp, current_round: round }).replace(
      JSON.stringify(round.votes),
      votes,
    )
    expect(text).toContain('__proto__')
    const client = fromText(text)
    if (client === null) throw new Error('it knows nothing')
    expect(delta(client, publicState)).toContainEqual({
      type: 'voting_state_changed',
      data: server.current_round,
    })
    expect('polluted' in {}).toBe(false)
  })

  test.each([
    ['nothing at all', {}],
    ['what nobody asked for', { admin: true, last_activity: AT, nested: { state_version: 3 } }],
    ['members of other shapes', { state_version: '3', participants: 'all', current_round: 7, status: [] }],
    ['a version below 0', { state_version: -1 }],
    ['half a version', { state_version: 1.5 }],
    ['a version beyond all limits', { state_version: 1e300 }],
    ['more people than any session has', { participants: Array.from({ length: 1_001 }, () => ada) }],
  ])('with %s knows nothing', (_name, state) => {
    expect(sent(state)).toBeNull()
  })

  test.each([null, undefined])('that is %s knows nothing', (state) => {
    expect(reconnectBody.parse({ client_state: state })?.client_state ?? null).toBeNull()
  })

  test.each([[], 'all', 3, true].map((state) => [state]))('that is %j is invalid', (state) => {
    expect(reconnectBody.safeParse({ client_state: state }).success).toBe(false)
  })

  test('with people of other shapes keeps those with an id and ignores the others', () => {
    const odd = { ...ada, color: 'red' }
    const gone = { id: 'x'.repeat(64) }
    const client = known({
      participants: [null, 7, 'Ada', {}, { id: 5 }, { id: 'x'.repeat(65) }, odd, gone, bob],
    })
    expect(client.participants).toEqual([odd, gone, bob])
    expect(delta(client, publicState).slice(0, 2)).toEqual([
      { type: 'participant_removed', data: gone },
      { type: 'participant_updated', data: ada },
    ])
  })

  test('is compared no deeper than the server’s own state, however deep it is', () => {
    const deep = '['.repeat(15_000) + ']'.repeat(15_000)
    const votes = `{"${BOB}":{"user_id":"${BOB}","value":${deep},"submitted_at":"${AT}"}}`
    const roundText = JSON.stringify(round).replace(JSON.stringify(round.votes), votes)
    const client = fromText(
      `{"state_version":3,"participants":[{"id":"${ADA}","name":${deep}}],"current_round":${roundText}}`,
    )
    if (client === null) throw new Error('it knows nothing')
    expect(delta(client, publicState).map(({ type }) => type)).toEqual([
      'participant_updated',
      'participant_added',
      'voting_state_changed',
      'status_changed',
    ])
  })

  test('may be a whole session', () => {
    const { session_id: id, grace_period_active: _active, ...rest } = publicState
    const session = { id, name: 'Sprint', ...rest, created_at: AT, mobile_optimizations: {} }
    expect(delta(known(session), publicState)).toEqual([])
  })
})
