import { DEFAULT_RULES } from '../../machines/session/rules.js'
import { type ClientState, knownState, readClientState } from '../../src/sync/client-state.js'
import { besideDelta } from '../../src/sync/delta.js'
import { settingsOf, settingsView } from '../../src/wire/settings.js'

const NOTHING: ClientState = {
  version: 0,
  checksum: null,
  participants: undefined,
  currentRound: undefined,
  status: undefined,
  scrumMasterId: undefined,
  settings: undefined,
  storiesVersion: undefined,
}

describe('what a client says it has (contract section 7)', () => {
  test.each<[object, Partial<ClientState>]>([
    [{ state_version: 0 }, { version: 0 }],
    [{ state_version: Number.MAX_SAFE_INTEGER }, { version: Number.MAX_SAFE_INTEGER }],
    [
      { state_version: 3, state_checksum: 'c' },
      { version: 3, checksum: 'c' },
    ],
    [{ participants: [] }, { participants: [] }],
    [{ current_round: null }, { currentRound: null }],
    [{ current_round: { id: 'r' } }, { currentRound: { id: 'r' } }],
    [{ status: 'voting' }, { status: 'voting' }],
    [{ scrum_master_id: 'ada' }, { scrumMasterId: 'ada' }],
    [{ settings: { listed: true } }, { settings: { listed: true } }],
    [{ stories_version: 0 }, { storiesVersion: 0 }],
  ])('is read where it has the right shape: %j', (sent, known) => {
    expect(readClientState({ ...sent })).toEqual({ ...NOTHING, ...known })
  })

  test.each([
    {},
    { state_checksum: 'c' },
    { state_version: -1 },
    { state_version: 0.5 },
    { state_version: '3' },
    { state_version: 2 ** 53 },
    { participants: { 0: { id: 'ada' } } },
    { current_round: [] },
    { current_round: 'r' },
    { status: 3 },
    { scrum_master_id: null },
    { settings: [] },
    { settings: null },
    { stories_version: -1 },
    { stories_version: null },
  ])('counts as nothing where it does not: %j', (sent) => {
    expect(readClientState({ ...sent })).toBeNull()
  })

  test('is limited in its number of people', () => {
    const people = (count: number) => ({
      participants: Array.from({ length: count }, (_, n) => ({ id: `${n}` })),
    })
    expect(readClientState(people(1_000))?.participants).toHaveLength(1_000)
    expect(readClientState({ ...people(1_001), state_version: 3 })).toBeNull()
  })

  test('counts by its version and its checksum; a client that says nothing knows nothing', () => {
    expect(knownState(null)).toBeNull()
    expect(knownState({ ...NOTHING, version: 3, checksum: 'c', status: 'voting' })).toEqual({
      version: 3,
      checksum: 'c',
    })
  })
})

describe('what no checksum covers', () => {
  const server = { settings: settingsView.parse(settingsOf(DEFAULT_RULES)), stories_version: 4 }

  test('is sent to a client that has something else', () => {
    const other = { ...server.settings, listed: false }
    expect(besideDelta({ ...NOTHING, settings: other, storiesVersion: 3 }, server)).toEqual([
      { type: 'settings_changed', data: server.settings },
      { type: 'stories_changed', data: { stories_version: 4 } },
    ])
  })

  test.each<[string, Partial<ClientState>]>([
    ['nothing of it', {}],
    ['the same', { settings: { ...server.settings }, storiesVersion: 4 }],
  ])('is not sent to a client that has %s', (_what, known) => {
    expect(besideDelta({ ...NOTHING, ...known }, server)).toEqual([])
  })
})
