import type { UserId } from '../../../machines/ids.js'
import { permissionsOf } from '../../../machines/session/permissions.js'
import { ADA, BOB, chartIn } from '../../support/chart.js'

const NOBODY = 'nobody' as UserId

describe('permissions are what the policy allows (contract section 7)', () => {
  const MAY_NOTHING = {
    isScrumMaster: false,
    isParticipant: true,
    canStartVoting: false,
    canRevealVotes: false,
    canVote: false,
    canPause: false,
    canResume: false,
    canKickUsers: false,
  }
  const LEADS = { ...MAY_NOTHING, isScrumMaster: true, canKickUsers: true }

  test.each([
    ['waiting', ADA, { ...LEADS, canStartVoting: true, canPause: true }],
    ['waiting', BOB, MAY_NOTHING],
    ['voting', ADA, { ...LEADS, canRevealVotes: true, canVote: true, canPause: true }],
    ['voting', BOB, { ...MAY_NOTHING, canVote: true }],
    ['results', ADA, { ...LEADS, canStartVoting: true, canPause: true }],
    ['paused', ADA, { ...LEADS, canResume: true }],
    ['paused', BOB, MAY_NOTHING],
    ['grace_period', ADA, LEADS],
    ['ended', ADA, { ...LEADS, canKickUsers: false }],
    ['voting', NOBODY, { ...MAY_NOTHING, isParticipant: false }],
  ] as const)('%s, %s', (status, by, expected) => {
    expect(permissionsOf({ status, context: chartIn(status).context }, by)).toEqual(expected)
  })
})
