import fc from 'fast-check'
import {
  type AnyEnvelope,
  createSession,
  joinSession,
  MagnaPPError,
  resumeSession,
  type SessionClient,
  watchSession,
} from '../../src/client/client.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { type FaultyProxy, type ProxyFault, startProxy } from '../support/proxy.js'

const TIMING = { firstByteMs: 300, silenceMs: 2_000, retryMs: 20, retryMaxMs: 200 }
const CREATION = { name: 'Sprint', creatorName: 'Ada', creatorAvatar: 'fox' }

let server: InProcess
let proxy: FaultyProxy | null = null
const clients: SessionClient[] = []

beforeAll(async () => {
  server = await startInProcess({ environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '1000' } })
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await proxy?.close()
  proxy = null
  // Nothing is left behind: not a stream, not a long poll.
  while (server.services.streams.count > 0) await tick()
  for (const host of server.services.supervisor.sessions()) while (host.readers.count > 0) await tick()
})

afterAll(() => server.stop())

const tick = () => new Promise((resolve) => setImmediate(resolve))

function kept(client: SessionClient): SessionClient {
  clients.push(client)
  return client
}

async function table(fault: ProxyFault = {}) {
  proxy = await startProxy(server.url, fault)
  const leader = kept(await createSession(CREATION, { url: server.url, timing: TIMING }))
  const joining = { userName: 'Bob', userAvatar: 'owl' }
  const member = kept(await joinSession(leader.sessionId, joining, { url: proxy.url, timing: TIMING }))
  return { leader, member, proxy }
}

/** Waits until a client has what the server has. */
async function converged(client: SessionClient): Promise<void> {
  const api = new Api(server.url)
  for (;;) {
    const { last_activity, expires_at, state_checksum, ...session } = await api.session(client.sessionId)
    if (client.state?.state_version === session.state_version) {
      expect(client.state).toMatchObject(session)
      return
    }
    await tick()
  }
}

async function until(client: SessionClient, connection: SessionClient['connection']): Promise<void> {
  while (client.connection !== connection) await tick()
}

async function playRound(leader: SessionClient, member: SessionClient): Promise<void> {
  await leader.start()
  await leader.vote('5')
  await member.vote('8')
  await leader.reveal()
}

describe('the client', () => {
  test('creates, joins, plays and always has the state of the server', async () => {
    const { leader, member } = await table()
    const watcher = kept(watchSession(leader.sessionId, { url: server.url, timing: TIMING }))
    const seen = member.events()
    await playRound(leader, member)
    await Promise.all([leader, member, watcher].map(converged))
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
    await leader.pause()
    await leader.resume()
    expect(Date.parse(await leader.extend())).toBeGreaterThan(Date.now())
    await leader.transfer(member.seat?.userId ?? '')
    await member.kick(leader.seat?.userId ?? '')
    await expect(leader.closed).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    await member.end()
    await member.closed
    expect(member.state?.status).toBe('ended')
    expect(member.connection).toBe('closed')
  })

  test('tells a refusal by its code', async () => {
    const { member } = await table()
    const refusal = await member.reveal().catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(MagnaPPError)
    expect(refusal).toMatchObject({ code: 'UNAUTHORIZED', status: 403, retryAfterSeconds: null })
    const unknown = joinSession(
      '00000000-0000-4000-8000-000000000000',
      { userName: 'B', userAvatar: 'x' },
      { url: server.url },
    )
    await expect(unknown).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  })

  test('goes on in a seat that was taken before', async () => {
    const { leader } = await table()
    await leader.close()
    const { seat } = leader
    if (seat === null) throw new Error('a leader has a seat')
    const again = kept(resumeSession(seat, { url: server.url, timing: TIMING }))
    await converged(again)
    await again.start()
    await converged(again)
    expect(again.state?.status).toBe('voting')
  })
})

describe('what goes wrong', () => {
  test('a proxy that holds streams back: it polls, and misses nothing', async () => {
    const { leader, member } = await table({ isBuffering: true })
    const seen = member.events()
    await playRound(leader, member)
    await converged(member)
    expect(member.connection).toBe('polling')
    await leader.end()
    await member.closed
    const versions: number[] = []
    for await (const { state_version } of seen) versions.push(state_version)
    // The end may come between two polls: then it is known from the next one's refusal.
    expect(versions.slice(0, 5)).toEqual([2, 3, 4, 5, 6])
    expect(member.state?.status).toBe('ended')
  })

  test('a proxy that cuts every 300 ms: nothing missed, nothing doubled', async () => {
    const { leader, member, proxy } = await table({ cutAfterMs: 300 })
    const seen: AnyEnvelope[] = []
    const reading = (async () => {
      for await (const frame of member.events()) if (!('session' in frame.data)) seen.push(frame)
    })()
    while (proxy.streams.count < 4) {
      await leader.start()
      await leader.vote('5')
      await leader.reveal()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await converged(member)
    await member.close()
    await reading
    const versions = seen.map((frame) => frame.state_version)
    expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index))
    expect(member.resyncs).toBe(0)
  })

  test('a checksum that is wrong: the state is fetched anew', async () => {
    const rewrite = (text: string) =>
      text.replaceAll(
        /("type":"vote_submitted"[^\n]*?"state_checksum":")[0-9a-f]{16}/g,
        `$1${'0'.repeat(16)}`,
      )
    const { leader, member } = await table({ rewrite })
    await leader.start()
    await leader.vote('5')
    while (member.resyncs === 0) await tick()
    await converged(member)
    await leader.reveal()
    await converged(member)
    expect(member.resyncs).toBe(1)
  })

  test('an event that changed on the way: noticed, and put right', async () => {
    const { leader, member, proxy } = await table()
    await leader.start()
    await converged(member)
    proxy.fault.rewrite = (text) => text.replace(/"submitted_at":"\d{4}/g, '"submitted_at":"1999')
    await leader.vote('5')
    while (member.resyncs === 0) await tick()
    await converged(member)
  })

  test('a server in trouble for a while: it waits and comes back', async () => {
    const { leader, member, proxy } = await table({ status: 503 })
    while (proxy.streams.count < 3) await tick()
    expect(member.connection).toBe('waiting')
    delete proxy.fault.status
    await playRound(leader, member)
    await converged(member)
    expect(member.connection).toBe('streaming')
  })

  test('a machine that slept: the connection is made anew', async () => {
    const { leader, member, proxy } = await table()
    await leader.start()
    await converged(member)
    await until(member, 'streaming')
    const before = proxy.streams.count
    const now = Date.now
    jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000)
    while (proxy.streams.count === before) await tick()
    jest.restoreAllMocks()
    await converged(member)
  })

  test('a server that is killed and started again has forgotten the session: it says so', async () => {
    const killed = await startBuiltServer()
    const restarted = await killAndRestart(killed)
    await expect(restarted.client.closed).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
    expect(restarted.client.connection).toBe('closed')
    await restarted.server.stop()
  })

  async function killAndRestart(first: BuiltServer) {
    const { port } = new URL(first.url)
    const client = kept(await createSession(CREATION, { url: first.url, timing: TIMING }))
    await until(client, 'streaming')
    await first.stop('SIGKILL')
    await until(client, 'waiting')
    return { client, server: await startBuiltServer({ PORT: port }) }
  }

  test('an abort at any time ends everything, and leaks nothing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 40 }), fc.boolean(), async (ms, isBuffering) => {
        const between = await startProxy(server.url, { isBuffering, cutAfterMs: 15 })
        const abort = new AbortController()
        const timer = setTimeout(() => abort.abort(), ms)
        const options = { url: between.url, timing: { ...TIMING, firstByteMs: 10 }, signal: abort.signal }
        const client = await createSession(CREATION, options).catch(() => null)
        if (client !== null) {
          client.start().catch(() => {})
          for await (const _ of client.events()) if (abort.signal.aborted) break
          await client.closed
          expect(client.connection).toBe('closed')
        }
        clearTimeout(timer)
        await between.close()
      }),
      { numRuns: 40 },
    )
  }, 30_000)
})
