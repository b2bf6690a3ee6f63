import { once } from 'node:events'
import net from 'node:net'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { waitUntil } from '../support/log-lines.js'
import { TestStream } from '../support/sse.js'

/** What people type; none of it may appear in the log or the metrics. */
const NAMES = ['Zaphodine', 'Trillianus', 'Marvinella', 'Kryptonfest', 'avatar-xyzzy'] as const
const [LEADER, MEMBER, GUEST, SESSION, AVATAR] = NAMES
const VOTE = 'coffee'

let server: BuiltServer
let api: Api

beforeAll(async () => {
  server = await startBuiltServer({ DEBUG: 'true', DISCONNECT_DEBOUNCE_SECONDS: '0.05' })
  api = new Api(server.url)
})

afterAll(() => server.stop())

async function seat(path: string, body: object): Promise<Person> {
  const answer = await api.post(path, { body, headers: { 'Idempotency-Key': `${MEMBER}-${Math.random()}` } })
  expect(answer.status).toBe(201)
  const { session_id, user_id, user_token } = answer.body
  return { sessionId: session_id ?? path.split('/')[3], userId: user_id, token: user_token }
}

/** Sends bytes that are not a request; answered or not, the connection ends. */
async function raw(bytes: string): Promise<void> {
  const socket = net.connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.on('error', () => {}).resume()
  socket.end(bytes)
  await once(socket, 'close')
}

async function playARound(leader: Person, member: Person): Promise<void> {
  await api.command(leader, 'start')
  await api.command(leader, 'vote', { vote: VOTE })
  await api.command(member, `vote?user_id=${member.userId}`, { vote: VOTE })
  await api.post(`/api/mobile/${leader.sessionId}/touch-vote`, { by: leader, body: { vote: VOTE } })
  await api.command(leader, 'reveal')
}

async function comeAndGo(leader: Person, member: Person): Promise<void> {
  const cookie = `magnapp_${member.sessionId}=${member.token}`
  const stream = new TestStream(server.url, member.sessionId, { headers: { Cookie: cookie } })
  await stream.untilType('session_updated')
  stream.close()
  await waitUntil(
    async () =>
      !(await api.session(leader.sessionId)).participants.every(
        (one: { is_online: boolean }) => one.is_online,
      ),
  )
  const client_state = { state_version: 1, state_checksum: '0'.repeat(16), participants: [{ name: LEADER }] }
  await api.post(`/api/sessions/${member.sessionId}/reconnect`, { by: member, body: { client_state } })
  await api.command(member, 'reconnect')
}

/** Everything a client can do wrong, with a token in the very place. */
async function misbehave({ sessionId, userId, token }: Person): Promise<void> {
  const by = { sessionId, userId, token }
  const session = `/api/sessions/${sessionId}`
  await api.request(`/api/sessions/${token}`, { headers: { 'User-Agent': `poker ${token}` } })
  await api.post(`/api/sessions/${token}/join`, { body: { user_name: GUEST, user_avatar: AVATAR } })
  await api.request(`/api/sse/${token}?user_id=${token}`)
  await api.request(`/${token}/../${token}?${token}`)
  await api.request(`/%zz${token}`)
  await api.request(`${session}/${LEADER}/${token}`)
  await api.request(`${session}?user_token=${token}`, { headers: { 'If-None-Match': token } })
  await api.post(`${session}/kick/${token}?kicker_id=${userId}`, { by })
  await api.post(`${session}/vote?user_id=${token}`, { by, body: { vote: VOTE } })
  await api.post(`${session}/vote`, { by: { ...by, token: `${token}x` }, body: { vote: VOTE } })
  await api.post(`${session}/vote`, { by, body: { vote: LEADER, [token]: token } })
  await api.post(`${session}/vote`, { by, body: `{"vote": "${token}` })
  await api.post('/api/sessions', { body: { name: SESSION, creator_name: [LEADER], creator_avatar: token } })
  await api.post('/api/sessions', { body: `"${LEADER}"`, headers: { 'Content-Type': 'text/plain' } })
  await api.request('/health', { method: 'PUT', headers: { Cookie: `a=${token}`, 'X-Request-Id': token } })
  await api.request('/health', { headers: { Authorization: `Basic ${token}`, traceparent: token } })
  await api.post(`/api/mobile/${sessionId}/optimize?battery_level=${token}`, {
    by,
    headers: { 'X-Network-Type': token },
  })
  await new TestStream(server.url, sessionId, { lastEventId: token }).until(({ status }) => status > 0)
  await raw(`GET /${token} HTTP/1.1\r\nAuthorization ${token}\r\n\r\n`)
  await raw(`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${token.repeat(500)}\r\n\r\n`)
}

test('a full run, including errors and attacks, writes no name, no vote and no token', async () => {
  const leader = await seat('/api/sessions', {
    name: SESSION,
    creator_name: LEADER,
    creator_avatar: AVATAR,
  })
  const join = `/api/sessions/${leader.sessionId}/join`
  const member = await seat(join, { user_name: MEMBER, user_avatar: AVATAR })
  const guest = await seat(join, { user_name: GUEST, user_avatar: AVATAR })
  await playARound(leader, member)
  await comeAndGo(leader, member)
  await misbehave(member)
  await api.command(leader, `kick/${guest.userId}?kicker_id=${leader.userId}`)
  await api.command(leader, `transfer?new_master_id=${member.userId}`)
  await api.request(`/api/sessions/${leader.sessionId}`, { method: 'DELETE', by: member })
  await waitUntil(() => server.output().includes('session ended'))
  expect(await server.stop()).toBe(0)
  const output = server.output()
  expect(output.split('\n').length).toBeGreaterThan(40)
  expect(output).toContain(leader.sessionId)
  expect(output).toContain(member.userId)
  const secrets = [...NAMES, VOTE, leader.token, member.token, guest.token]
  expect(secrets.filter((secret) => output.includes(secret))).toEqual([])
})
