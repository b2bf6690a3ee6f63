import {
  createSession,
  joinSession,
  listSessions,
  MagnaPPError,
  resumeSession,
  type SessionClient,
  watchSession,
} from '../../src/client/client.js'
import { Clients, CREATION, converged, JOINING, playRound, TIMING, until } from '../support/clients.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

let server: InProcess
const clients = new Clients()

beforeAll(async () => {
  server = await startInProcess({
    environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '1000', SHUTDOWN_SECONDS: '0.5' },
  })
})

afterEach(async () => {
  await clients.close()
  // Nothing is left behind: not a stream, not a long poll.
  await until(() => server.services.streams.count === 0)
  for (const host of server.services.supervisor.sessions()) await until(() => host.readers.count === 0)
})

afterAll(() => server.stop())

async function table() {
  const options = { url: server.url, timing: TIMING }
  const leader = clients.keep(await createSession(CREATION, options))
  const member = clients.keep(await joinSession(leader.sessionId, JOINING, options))
  return { leader, member }
}

const seatOf = ({ seat }: SessionClient) => {
  if (seat === null) throw new Error('a watcher has no seat')
  return seat
}

test('creates, joins, plays and always has the server’s state', async () => {
  const { leader, member } = await table()
  const watcher = clients.keep(watchSession(leader.sessionId, { url: server.url, timing: TIMING }))
  const seen = member.events()
  await playRound(leader, member)
  for (const client of [leader, member, watcher]) await converged(client, server.url)
  expect(leader.state?.current_round?.statistics?.average).toBe(6.5)
  const types: string[] = []
  for await (const { type } of seen) {
    types.push(type)
    if (type === 'round_completed') break
  }
  expect(types.filter((type) => type !== 'session_updated')).toEqual([
    'voting_started',
    'vote_submitted',
    'vote_submitted',
    'votes_revealed',
    'round_completed',
  ])
})

test('leads: pause, resume, extend, transfer, kick, end', async () => {
  const { leader, member } = await table()
  await leader.commands.pause()
  await leader.commands.resume()
  expect(Date.parse(await leader.commands.extend())).toBeGreaterThan(Date.now())
  await leader.commands.transfer(seatOf(member).userId)
  await member.commands.kick(seatOf(leader).userId)
  expect(await leader.closed).toEqual({ reason: 'kicked', message: null })
  await expect(leader.commands.start()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  // A seat that is no longer theirs.
  const late = clients.keep(resumeSession(seatOf(leader), { url: server.url, timing: TIMING }))
  await expect(late.closed).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(late.snapshot.ending).toMatchObject({ reason: 'refused', message: expect.any(String) })
  // Anybody who asks for events later is told why there are none.
  await expect(late.events().next()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  expect(late.failure).toMatchObject({ code: 'UNAUTHORIZED' })
  await member.commands.end()
  expect(await member.closed).toEqual({ reason: 'ended', message: expect.stringMatching(/\S/) })
  expect(member.state?.status).toBe('ended')
  expect(member.connection).toBe('closed')
  await expect(member.commands.start()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
})

test('plays from a phone: optimize, heartbeat, touch', async () => {
  const { leader, member } = await table()
  const { optimizations } = await member.commands.optimize({ batteryPercent: 25, networkType: '2g' })
  expect(optimizations).toMatchObject({ event_batching: true, network_adaptive: true })
  expect(await member.commands.heartbeat()).toMatchObject({ connected: true, next_heartbeat: 60 })
  await leader.commands.start()
  expect(await member.commands.touchVote('8', { x: 1, y: 2, pressure: 0.5 })).toMatchObject({
    vote_registered: '8',
  })
  const { your_vote, sync_data } = await member.commands.reconnect()
  expect(your_vote?.value).toBe('8')
  expect(sync_data.type).toBe('full_sync')
  await converged(member, server.url)
})

test('lists the sessions', async () => {
  const { leader } = await table()
  const sessions = await listSessions({ url: server.url })
  expect(sessions.find(({ id }) => id === leader.sessionId)).toMatchObject({ scrum_master_name: 'Ada' })
})

test('reports a refusal by its code', async () => {
  const { member } = await table()
  const refusal = await member.commands.reveal().catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(MagnaPPError)
  expect(refusal).toMatchObject({
    code: 'UNAUTHORIZED',
    status: 403,
    retryAfterSeconds: null,
    recoveryActions: ['Contact the Scrum Master', 'Rejoin the session'],
  })
  const unknown = joinSession('00000000-0000-4000-8000-000000000000', JOINING, { url: server.url })
  await expect(unknown).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
})

test('resumes a seat that was taken before', async () => {
  const { leader } = await table()
  await leader.close()
  const again = clients.keep(resumeSession(seatOf(leader), { url: server.url, timing: TIMING }))
  await converged(again, server.url)
  await again.commands.start()
  await converged(again, server.url)
  expect(again.state?.status).toBe('voting')
})

test('creates and joins once, however often the answer is lost', async () => {
  const lost: string[] = []
  // The server gets every request; the first answers never arrive.
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method !== 'POST' || lost.length >= 3) return response
    lost.push(await response.text())
    throw new TypeError('fetch failed')
  }
  const before = (await listSessions({ url: server.url })).length
  const leader = clients.keep(
    await createSession(CREATION, { url: server.url, timing: TIMING, fetch: losing }),
  )
  expect(await listSessions({ url: server.url })).toHaveLength(before + 1)
  lost.length = 1
  const options = { url: server.url, timing: TIMING, fetch: losing }
  const member = clients.keep(await joinSession(leader.sessionId, JOINING, options))
  expect(member.state?.participants).toHaveLength(2)
  await converged(member, server.url)
})

test('leaving stops following the session, and frees the seat', async () => {
  const { leader, member } = await table()
  await member.leave()
  expect(member.connection).toBe('closed')
  expect(await member.closed).toEqual({ reason: 'left', message: null })
  await until(() => leader.state?.participants.length === 1)
})
