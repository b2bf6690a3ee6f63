import { HISTORY_ROUNDS_MAX } from '../../../../machines/session/history.js'
import { STORIES_MAX, STORY_LIMITS } from '../../../../machines/session/story.js'
import { type Attack, family } from '../attack.js'
import { FAT, type Target } from '../target.js'

/** Requested in one go, on one connection that takes no answer. */
function unread(count: number, octets: (target: Target) => Promise<string> | string, connections = 2) {
  return async (target: Target) => {
    const request = await octets(target)
    await target.connections(connections, request.repeat(count))
    await target.wait()
  }
}

/** The same, on connections that read. */
function read(count: number, octets: (target: Target) => Promise<string> | string) {
  return async (target: Target) => {
    const request = await octets(target)
    for (const socket of await target.connections(2, request.repeat(count))) socket.resume()
    await target.wait()
  }
}

const get = (path: string) => (target: Target) => target.octets('GET', path)

/** Polls of a full session's whole log, or of whatever path is given. */
const ofFullLog = (path: string) => async (target: Target) => {
  const { sessionId } = await target.ownTable({ seats: 16, events: 260 })
  return target.octets('GET', path.replace('SESSION', sessionId))
}

const STORIES_AT_ONCE = 100

/** As many stories as a session holds, with notes as long as may be, of three bytes a character. */
async function ofFullList(target: Target): Promise<string> {
  const { sessionId, token } = await target.ownTable()
  const stories = Array(STORIES_AT_ONCE).fill({
    title: FAT.repeat(4),
    notes: '\u754c'.repeat(STORY_LIMITS.notesLength),
  })
  for (let sent = 0; sent < STORIES_MAX; sent += STORIES_AT_ONCE) {
    const path = `/api/sessions/${sessionId}/stories`
    if ((await target.status('POST', path, { token, body: { stories } })) !== 201)
      throw new Error('not added')
  }
  return target.octets('GET', `/api/sessions/${sessionId}/stories`)
}

/** As many rounds as a session remembers, of a full table. */
async function ofFullHistory(target: Target): Promise<string> {
  const { sessionId } = await target.ownTable({ seats: 16, rounds: HISTORY_ROUNDS_MAX })
  return target.octets('GET', `/api/sessions/${sessionId}/history`)
}

const byOwner =
  (method: string, path: string, body?: unknown) =>
  async (target: Target): Promise<string> => {
    const { sessionId, token } = await target.ownTable({ seats: 4 })
    return target.octets(method, path.replace('SESSION', sessionId), { token, body })
  }

const POLL = '/api/sessions/SESSION/events?after=1'

/** Why: what is requested behind an answer that nobody takes waits in the server's memory. */
export const PIPELINING: readonly Attack[] = [
  ...family('pipelining, unread', {
    'polls of a whole log': unread(700, ofFullLog(POLL)),
    'polls that wait': unread(300, ofFullLog('/api/sessions/SESSION/events?after=9999&wait_seconds=25')),
    'polls that wait for what is there': unread(300, ofFullLog(`${POLL}&wait_seconds=25`)),
    streams: unread(250, ofFullLog('/api/sse/SESSION?last_event_id=20')),
    sessions: unread(1_000, ofFullLog('/api/sessions/SESSION')),
    'the viewer of /docs': unread(1_000, get('/docs/swagger-ui-bundle.js')),
    '/openapi.json': unread(1_000, get('/openapi.json')),
    'addresses that there are not': unread(2_000, get('/nowhere')),
    'methods that there are not': unread(2_000, (target) => target.octets('DELETE', '/health')),
    capacity: unread(2_000, get('/api/health/capacity')),
    health: unread(2_000, get('/health')),
    readiness: unread(2_000, get('/readyz')),
    preflights: unread(2_000, (target) =>
      target.octets('OPTIONS', '/api/sessions', {
        fields: ['Origin: http://localhost:5173', 'Access-Control-Request-Method: POST'],
      }),
    ),
    commands: unread(700, byOwner('POST', '/api/sessions/SESSION/extend')),
    reconnections: unread(500, byOwner('POST', '/api/sessions/SESSION/reconnect', { client_state: {} })),
    'joins that are refused': unread(1_000, (target) =>
      target.octets('POST', `/api/sessions/${target.sessionId}/join`, { body: {} }),
    ),
  }),
  ...family('pipelining, unread', { figures: unread(500, get('/metrics')) }, { isDirect: true }),
  ...family(
    'pipelining, unread',
    { 'a full list of stories': unread(9, ofFullList, 100), 'a full history': unread(9, ofFullHistory, 100) },
    { environment: { RATE_LIMITING: 'false' } },
  ),
  ...family('pipelining, read', {
    'polls of a whole log': read(700, ofFullLog(POLL)),
    'streams behind a stream': read(250, ofFullLog('/api/sse/SESSION?last_event_id=20')),
    'the viewer of /docs': read(300, get('/docs/swagger-ui-bundle.js')),
    '/openapi.json': read(1_000, get('/openapi.json')),
    'addresses that there are not': read(3_000, get('/nowhere')),
    health: read(3_000, get('/health')),
    commands: read(1_500, byOwner('POST', '/api/sessions/SESSION/extend')),
    'what is refused at once': (target) =>
      target.repeat(target.octets('POST', '/api/sessions', { body: '{}' }).replace('/json', '/x'), {
        each: 20,
      }),
  }),
]
