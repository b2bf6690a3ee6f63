import fc from 'fast-check'
import { StateChecksums, stateChecksum } from '../../src/sync/checksum.js'
import { publicState } from '../../src/wire/project.js'
import { serverStateView } from '../../src/wire/views.js'
import { anyHistory } from '../support/arbitraries.js'
import { Chart } from '../support/chart.js'

const ADA = '11111111-1111-4111-8111-111111111111'
const BOB = '22222222-2222-4222-8222-222222222222'
const AT = '2026-01-31T09:30:00.000Z'
/** Computed by another implementation: Python's `json.dumps(sort_keys=True)` and `hashlib`. */
const EXPECTED = '1868493c4032e59c'

const { state_checksum: _, ...STATE } = serverStateView.parse({
  session_id: ADA,
  status: 'voting',
  participants: [
    { id: ADA, name: 'Ada €😀', avatar: 'fox', role: 'voter', is_online: true, joined_at: AT },
    { id: BOB, name: 'Bob', avatar: 'owl', role: 'observer', is_online: false, joined_at: AT },
  ],
  scrum_master_id: ADA,
  current_round: {
    id: BOB,
    votes: { [BOB]: { user_id: BOB, value: null, submitted_at: AT } },
    is_revealed: false,
    statistics: null,
    started_at: AT,
    story: null,
    attempt: 1,
    anonymous: false,
    accepted_estimate: null,
    round_ends_at: null,
    round_left_seconds: null,
  },
  state_version: 7,
  grace_period_active: false,
  state_checksum: EXPECTED,
})

describe('the state checksum (contract section 7)', () => {
  test('is what any other implementation computes', () => {
    expect(stateChecksum(STATE)).toBe(EXPECTED)
  })

  test('changes with every member of the state', () => {
    const others = [
      { ...STATE, participants: [...STATE.participants].reverse() },
      { ...STATE, status: 'paused' as const },
      { ...STATE, current_round: null },
      { ...STATE, state_version: 8 },
      { ...STATE, grace_period_active: true },
    ].map(stateChecksum)
    expect(new Set([EXPECTED, ...others]).size).toBe(others.length + 1)
  })

  test('is the same for the state written whole or in parts, after every step of any history', () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const chart = new Chart()
        const checksums = new StateChecksums()
        for (const step of history) {
          if ('wait' in step) chart.wait(step.wait)
          else chart.send(step.command)
          const snapshot = chart.actor.getSnapshot()
          if (snapshot.status !== 'active') return
          expect(checksums.of(snapshot)).toBe(stateChecksum(publicState(snapshot)))
        }
      }),
    )
  })
})
