import type { RoundId } from '../../../machines/ids.js'
import { refusal } from '../../../machines/session/policy.js'
import { ERRORS, type ErrorCode } from '../../../src/wire/errors.js'
import { problem } from '../../../src/wire/problem.js'
import { refusalError } from '../../../src/wire/refusals.js'
import type { Answer, Person } from '../../support/api.js'
import { ADA, BOB, Chart, CYD, lost } from '../../support/chart.js'
import { logLines, waitUntil } from '../../support/log-lines.js'
import { describePlan, type Plan, type PlanRow } from '../../support/plan.js'

const NOBODY = '00000000-0000-4000-8000-00000000dead'
const SESSION = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
const SEAT = { user_name: 'Cyd', user_avatar: 'cat' }

/** The plan's sentences, which a client shows as they are. */
const SENTENCES: Partial<
  Record<ErrorCode, readonly [line: string, message: string, actions: readonly string[]]>
> = {
  SESSION_NOT_FOUND: [
    '1434-1437',
    "The session you're trying to join no longer exists or has expired.",
    ['Return to home page', 'Create a new session', 'Contact session owner'],
  ],
  SESSION_FULL: [
    '1438-1441',
    'This session is currently full (16 participants maximum).',
    ['Try again later', 'Contact session owner', 'Create a new session'],
  ],
  MAX_SESSIONS_REACHED: [
    '1442-1445',
    'Maximum number of active sessions reached. Please try again later.',
    ['Wait for a session to end', 'Try again in a few minutes'],
  ],
  UNAUTHORIZED: [
    '1446-1449',
    "You don't have permission to perform this action.",
    ['Contact the Scrum Master', 'Rejoin the session'],
  ],
  VOTING_ERROR: [
    '1450-1453',
    'There was an issue with your vote submission.',
    ['Try voting again', 'Refresh the page', 'Contact support'],
  ],
  NETWORK_PARTITION: [
    '1454-1457',
    'Connection issues detected. Attempting to reconnect...',
    ['Please wait for automatic reconnection', 'Refresh if connection fails'],
  ],
  STATE_CORRUPTION: [
    '1458-1461',
    'Session data inconsistency detected. Refreshing session state...',
    ['Page will refresh automatically', 'Contact support if issues persist'],
  ],
  GRACE_PERIOD_ERROR: [
    '1462-1465',
    'The session is currently in a grace period waiting for the Scrum Master.',
    ['Wait for Scrum Master to return', 'A new Scrum Master will be assigned soon'],
  ],
  INTERNAL_SERVER_ERROR: [
    '1512-1517',
    'An unexpected error occurred. Our team has been notified.',
    [
      'Refresh the page and try again',
      'Check your internet connection',
      'Contact support if the problem persists',
    ],
  ],
}

/** The plan's context of each code (L1325-1407, L1518). */
const CONTEXTS: Partial<Record<ErrorCode, readonly string[]>> = {
  SESSION_FULL: ['session_id', 'current_count', 'max_capacity'],
  SESSION_NOT_FOUND: ['session_id', 'expired'],
  MAX_SESSIONS_REACHED: ['current_count', 'max_sessions'],
  UNAUTHORIZED: ['user_id', 'required_role'],
  VOTING_ERROR: ['session_id', 'voting_phase'],
  NETWORK_PARTITION: ['affected_clients', 'detection_time', 'recovery_strategy'],
  STATE_CORRUPTION: ['session_id', 'corruption_type', 'requires_reset'],
  GRACE_PERIOD_ERROR: ['session_id', 'grace_period_active'],
  MOBILE_OPTIMIZATION_ERROR: ['user_id', 'optimization_type'],
  INTERNAL_SERVER_ERROR: ['exception_type'],
}

describe('the table of errors', () => {
  test.each(Object.entries(SENTENCES))('%s has the plan’s sentences', (code, [, message, actions]) => {
    const definition = ERRORS[code as ErrorCode]
    expect(definition.message.replace('{max_capacity}', '16')).toBe(message)
    expect(definition.recoveryActions).toEqual(actions)
  })

  test.each(Object.entries(CONTEXTS))('%s promises the plan’s context', (code, members) => {
    expect(Object.keys(ERRORS[code as ErrorCode].context)).toEqual(expect.arrayContaining([...members]))
  })

  test('L1418-1428, L1526-1532: status and retry', () => {
    const rows = Object.entries(ERRORS).filter(([code]) => code in CONTEXTS)
    expect(rows.map(([code, { status, retryAfterSeconds }]) => [code, status, retryAfterSeconds])).toEqual([
      ['SESSION_NOT_FOUND', 404, null],
      ['SESSION_FULL', 409, 60],
      ['MAX_SESSIONS_REACHED', 429, 300],
      ['UNAUTHORIZED', 403, null],
      ['VOTING_ERROR', 400, null],
      ['GRACE_PERIOD_ERROR', 409, 60],
      ['MOBILE_OPTIMIZATION_ERROR', 400, null],
      ['NETWORK_PARTITION', 503, 10],
      ['STATE_CORRUPTION', 500, 5],
      ['INTERNAL_SERVER_ERROR', 500, 30],
    ])
  })
})

test('L1371-1378: NETWORK_PARTITION says who was cut off, since when, and what they get', () => {
  // Asking brings them back before they are judged, so only a chart on its own refuses like this.
  const chart = new Chart()
    .join(BOB, CYD)
    .send({ type: 'round.start', by: ADA, roundId: 'r' as RoundId }, lost(BOB), lost(CYD))
  const { status, context } = chart
  const refused = refusal({ status, context }, { type: 'vote.cast', by: BOB, value: '3' })
  if (refused === null) throw new Error('the vote is taken')
  const { code, info } = refusalError(refused)
  expect(problem(code, info, ORIGIN)).toMatchObject({
    error_code: 'NETWORK_PARTITION',
    status: 503,
    retry_after: 10,
    context: {
      affected_clients: [BOB, CYD],
      detection_time: expect.stringMatching(/Z$/),
      recovery_strategy: 'full_resync',
    },
  })
})

const ORIGIN = {
  instance: '/',
  requestId: '',
  timestamp: '',
  sessionId: null,
  userId: null,
  isReconnect: false,
}

/** Checks an answer against the plan's error body (L1483-1494), and that its context has these values. */
function expectError(answer: Answer, code: ErrorCode, context: Record<string, unknown>): void {
  const [, message, actions] = SENTENCES[code] ?? [null, expect.any(String), expect.any(Array)]
  expect(answer.body).toMatchObject({
    error: true,
    error_code: code,
    message,
    recovery_actions: actions,
    context,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    retry_after: ERRORS[code].retryAfterSeconds,
    error_category: expect.stringMatching(/^[a-z]+$/),
  })
  expect(answer.status).toBe(ERRORS[code].status)
  expect(Object.keys(answer.body.context)).toEqual(expect.arrayContaining([...(CONTEXTS[code] ?? [])]))
}

async function table({ api }: Plan): Promise<{ ada: Person; bob: Person; id: string }> {
  const ada = await api.create()
  return { ada, bob: await api.join(ada.sessionId), id: ada.sessionId }
}

const ROWS: readonly PlanRow[] = [
  {
    line: '1325-1333',
    says: 'SESSION_FULL names the session, its people and its seats, as they are set',
    holds: async (plan) => {
      const { id } = await table(plan)
      for (let seats = 2; seats < 16; seats += 1) await plan.api.join(id)
      const answer = await plan.api.post(`/api/sessions/${id}/join`, { body: SEAT })
      expectError(answer, 'SESSION_FULL', { session_id: id, current_count: 16, max_capacity: 16 })
    },
  },
  {
    line: '1335-1342',
    says: 'SESSION_NOT_FOUND says which, and whether it has expired',
    holds: async (plan) => {
      const { ada, id } = await table(plan)
      await plan.api.as(ada, `/api/sessions/${id}`, { method: 'DELETE' })
      const gone = await plan.api.request(`/api/sessions/${id}`)
      expectError(gone, 'SESSION_NOT_FOUND', { session_id: id, expired: true })
      const never = await plan.api.request(`/api/sessions/${NOBODY}`)
      expectError(never, 'SESSION_NOT_FOUND', { session_id: NOBODY, expired: false })
      const nonsense = await plan.api.request('/api/sessions/nonsense')
      expectError(nonsense, 'SESSION_NOT_FOUND', { session_id: null, expired: false })
    },
  },
  {
    line: '1353-1360',
    says: 'UNAUTHORIZED says who asked and whose right it is',
    holds: async (plan) => {
      const { bob } = await table(plan)
      for (const command of ['start', 'reveal', 'pause']) {
        const answer = await plan.api.act(bob, command)
        expectError(answer, 'UNAUTHORIZED', { user_id: bob.userId, required_role: 'scrum_master' })
      }
    },
  },
  {
    line: '1362-1369',
    says: 'VOTING_ERROR says in which phase',
    holds: async (plan) => {
      const { ada, bob, id } = await table(plan)
      const early = await plan.api.act(bob, 'vote', { vote: '5' })
      expectError(early, 'VOTING_ERROR', { session_id: id, voting_phase: 'waiting' })
      await plan.api.act(ada, 'start')
      await plan.api.act(ada, 'reveal')
      const late = await plan.api.act(ada, 'reveal')
      expectError(late, 'VOTING_ERROR', { session_id: id, voting_phase: 'results' })
    },
  },
  {
    line: '1400-1407',
    says: 'MOBILE_OPTIMIZATION_ERROR says whose phone, and what cannot be adapted to',
    holds: async (plan) => {
      const { bob } = await table(plan)
      const answer = await plan.api.phone(bob, 'optimize?battery_level=101')
      const context = { user_id: bob.userId, optimization_type: 'battery_level' }
      expectError(answer, 'MOBILE_OPTIMIZATION_ERROR', context)
    },
  },
  {
    line: '810-816',
    says: 'a reconnect that fails says to reload the page',
    holds: async ({ api }) => {
      const ada = await api.create()
      const stranger = { ...ada, userId: NOBODY }
      const answer = await api.act(stranger, 'reconnect', {})
      expect(answer.body).toMatchObject({ error: true, fallback_action: 'full_page_reload' })
      const elsewhere = await api.act({ ...ada, sessionId: NOBODY }, 'reconnect', {})
      expect(elsewhere.body).toMatchObject({ error: true, fallback_action: 'full_page_reload' })
      expect((await api.act(stranger, 'start')).body).not.toHaveProperty('fallback_action')
    },
  },
  {
    line: '1473-1481, 2528',
    says: 'every error is a line in the log, whatever LOG_REQUESTS says',
    holds: async (plan) => {
      const { bob, id } = await table(plan)
      const requestId = `refused-${plan.mode}`
      const headers = { 'User-Agent': 'plan/1.0', 'X-Request-Id': requestId }
      await plan.api.as(bob, `/api/sessions/${id}/start`, { headers })
      const written = () => plan.server.output().split('\n').slice(0, -1).join('\n')
      const line = () => logLines(written()).find(({ request_id }) => request_id === requestId)
      await waitUntil(() => line() !== undefined)
      expect(line()).toMatchObject({
        level: 'warn',
        error_code: 'UNAUTHORIZED',
        session_id: id,
        user_id: bob.userId,
        user_agent: 'plan/1.0',
        path: `/api/sessions/${id}/start`,
      })
    },
  },
]

describePlan('error handling', ROWS, { LOG_REQUESTS: 'false' })

describePlan(
  'error handling, while the Scrum Master is missing',
  [
    {
      line: '1391-1398',
      says: 'GRACE_PERIOD_ERROR says that the session waits, and until when',
      holds: async (plan) => {
        const { ada, bob, id } = await table(plan)
        await plan.api.act(ada, 'start')
        // Nobody has a stream; anybody who gives no sign of life within PRESENCE_SECONDS is away.
        await waitUntil(async () => {
          await plan.api.phone(bob, 'heartbeat', { method: 'GET' })
          return (await plan.api.session(id)).status === 'grace_period'
        })
        const { grace_period_expires } = await plan.api.session(id)
        const answer = await plan.api.act(bob, 'vote', { vote: '5' })
        const context = { session_id: id, grace_period_active: true, grace_period_expires }
        expectError(answer, 'GRACE_PERIOD_ERROR', context)
      },
    },
  ],
  { PRESENCE_SECONDS: '0.3' },
)

describePlan(
  'error handling, with every session slot taken',
  [
    {
      line: '1344-1351',
      says: 'MAX_SESSIONS_REACHED says how many there are and may be',
      holds: async ({ api }) => {
        for (let sessions = 0; sessions < 3; sessions += 1) await api.create()
        const answer = await api.post('/api/sessions', { body: SESSION })
        expectError(answer, 'MAX_SESSIONS_REACHED', { current_count: 3, max_sessions: 3 })
      },
    },
  ],
  { MAX_SESSIONS: '3' },
)
