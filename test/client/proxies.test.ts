import { type AnyEnvelope, createSession, resumeSession, watchSession } from '../../src/client/client.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import {
  Clients,
  CREATION,
  converged,
  HASTY,
  playRound,
  TIMING,
  until,
  versionsOf,
} from '../support/clients.js'
import { startProxy } from '../support/proxy.js'

const DEBOUNCE_MS = 200

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    MAX_SESSIONS: '1000',
    DISCONNECT_DEBOUNCE_SECONDS: String(DEBOUNCE_MS / 1_000),
    MOBILE_HEARTBEAT_INTERVAL: '0.2',
  })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

describe('a proxy that buffers streams', () => {
  test('makes a client poll, which misses nothing', async () => {
    const { leader, member } = await clients.table(server.url, { isBuffering: true })
    const seen = member.events()
    await until(() => member.connection === 'polling')
    await playRound(leader, member)
    await converged(member, server.url)
    expect(member.connection).toBe('polling')
    await leader.commands.end()
    await member.closed
    // If the end comes between two polls, the next poll's refusal reports it.
    expect((await versionsOf(seen)).slice(0, 5)).toEqual([2, 3, 4, 5, 6])
    expect(member.state?.status).toBe('ended')
  })

  test('is not called polling before a poll is answered', async () => {
    const proxy = await startProxy(server.url, { isBuffering: true })
    const { sessionId } = await new Api(server.url).create()
    let isAsked = false
    let pass = () => {}
    const held = new Promise<void>((resolve) => {
      pass = resolve
    })
    const slow: typeof fetch = async (input, init) => {
      if (String(input).includes('/events?')) {
        isAsked = true
        await held
      }
      return fetch(input, init)
    }
    const client = clients.keep(watchSession(sessionId, { url: proxy.url, timing: HASTY, fetch: slow }))
    await until(() => isAsked)
    expect(client.connection).toBe('waiting')
    pass()
    // Though nothing happens at the table.
    await until(() => client.connection === 'polling')
    await client.close()
    await proxy.close()
  })

  test('lets a polling Scrum Master stay at the table', async () => {
    const proxy = await startProxy(server.url, { isBuffering: true })
    const watched = clients.keep(await createSession(CREATION, { url: proxy.url, timing: HASTY }))
    const watcher = clients.keep(watchSession(watched.sessionId, { url: server.url, timing: TIMING }))
    await until(() => watched.connection === 'polling' && watcher.state !== null)
    const changes: string[] = []
    const watching = (async () => {
      for await (const { type } of watcher.events()) changes.push(type)
    })()
    // Long past the debounce, and past the lease of a heartbeat.
    await new Promise((resolve) => setTimeout(resolve, 5 * DEBOUNCE_MS))
    expect(watcher.state?.participants).toMatchObject([{ is_online: true }])
    await watched.commands.start()
    await converged(watcher, server.url)
    await clients.close()
    await watching
    expect(changes.filter((type) => type !== 'user_disconnected' && type !== 'user_joined')).toEqual([
      'voting_started',
    ])
    await proxy.close()
  })

  test('is noticed by its silence if it lets only the beginning of a stream through', async () => {
    const { leader, member } = await clients.table(server.url, { isBufferingAfterFirst: true })
    await until(() => member.connection === 'streaming')
    await leader.commands.start()
    await converged(member, server.url)
    await leader.commands.vote('5')
    await converged(member, server.url)
    expect(member.connection).toBe('polling')
  })

  test('is forgotten once it stops: the client goes back to a stream', async () => {
    const proxy = await startProxy(server.url, { isBuffering: true })
    const timing = { ...HASTY, pollingMs: 300 }
    const client = clients.keep(await createSession(CREATION, { url: proxy.url, timing }))
    await until(() => client.connection === 'polling')
    proxy.fault.isBuffering = false
    // The poll that is waiting ends with the next event.
    await new Promise((resolve) => setTimeout(resolve, timing.pollingMs))
    await client.commands.start()
    await until(() => client.connection === 'streaming')
    await converged(client, server.url)
    await client.close()
    await proxy.close()
  })
})

test('a proxy that cuts every 300 ms: nothing is missed, nothing doubled', async () => {
  const { leader, member, proxy } = await clients.table(server.url, {
    cutAfterMs: 300,
  })
  const reading = versionsOf(member.events())
  while (proxy.streams.count < 8) {
    await leader.commands.start()
    await leader.commands.vote('5')
    await leader.commands.reveal()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await converged(member, server.url)
  await member.close()
  const versions = await reading
  expect(versions.length).toBeGreaterThan(20)
  expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index))
  expect(member.resyncs).toBe(0)
})

describe('frames that were changed on the way', () => {
  test('a wrong checksum: a sync is requested and counted, and the state is right', async () => {
    const rewrite = (text: string) =>
      text.replaceAll(
        /("type":"vote_submitted"[^\n]*?"state_checksum":")[0-9a-f]{16}/g,
        `$1${'0'.repeat(16)}`,
      )
    const { leader, member } = await clients.table(server.url, { rewrite })
    await leader.commands.start()
    await leader.commands.vote('5')
    await until(() => member.resyncs > 0)
    await converged(member, server.url)
    await leader.commands.reveal()
    await converged(member, server.url)
    expect(member.resyncs).toBe(1)
  })

  test('an event with different content: noticed by its checksum, and corrected', async () => {
    const { leader, member, proxy } = await clients.table(server.url)
    await leader.commands.start()
    await converged(member, server.url)
    proxy.fault.rewrite = (text) => text.replace(/"submitted_at":"\d{4}/g, '"submitted_at":"1999')
    await leader.commands.vote('5')
    await until(() => member.resyncs > 0)
    await converged(member, server.url)
  })

  test('a whole state with different content: the same', async () => {
    const { leader, member, proxy } = await clients.table(server.url)
    await leader.commands.start()
    await converged(member, server.url)
    if (member.seat === null) throw new Error('a member has a seat')
    proxy.fault.rewrite = (text) => text.replace('"status":"voting"', '"status":"paused"')
    const again = clients.keep(resumeSession(member.seat, { url: proxy.url, timing: TIMING }))
    await converged(again, server.url)
    expect(again.resyncs).toBe(1)
  })

  test('the session goes on during the sync: the state never goes back, and the reader misses nothing', async () => {
    const { leader, proxy } = await clients.table(server.url)
    const slow: typeof fetch = async (input, init) => {
      const isSync = String(input).endsWith(leader.sessionId) && init?.method === 'GET'
      const response = await fetch(input, init)
      if (isSync && !String(input).includes('/sse/')) {
        const text = await response.text()
        await leader.commands.reveal()
        await leader.commands.start()
        return new Response(text, response)
      }
      return response
    }
    proxy.fault.rewrite = (text) =>
      text.replaceAll(/("type":"vote_submitted"[^\n]*?"state_checksum":")[0-9a-f]{4}/g, '$1ffff')
    const options = { url: proxy.url, timing: TIMING, fetch: slow }
    const member = clients.keep(watchSession(leader.sessionId, options))
    await until(() => member.state !== null)
    const states: number[] = []
    const frames: AnyEnvelope[] = []
    const reading = (async () => {
      for await (const frame of member.events()) {
        frames.push(frame)
        states.push(member.state?.state_version ?? -1)
      }
    })()
    await leader.commands.start()
    await leader.commands.vote('3')
    await until(() => member.state?.state_version === 6)
    await converged(member, server.url)
    await member.close()
    await reading
    expect(member.resyncs).toBe(1)
    expect(states).toEqual([...states].sort((one, other) => one - other))
    expect(frames.map((frame) => frame.state_version)).toEqual([2, 3, 4, 5, 6])
  })

  test('a sync that fails, or that a cache answers: the next connection brings everything', async () => {
    const answers: (() => Response)[] = []
    const { leader, proxy } = await clients.table(server.url)
    const stale = JSON.stringify(leader.state)
    answers.push(
      () => new Response('out of order', { status: 500 }),
      () => new Response(stale, { headers: { 'Content-Type': 'application/json' } }),
    )
    const syncs: typeof fetch = async (input, init) => {
      const url = String(input)
      return (
        (url.endsWith(leader.sessionId) && !url.includes('/sse/') && answers.shift()?.()) ||
        fetch(input, init)
      )
    }
    proxy.fault.rewrite = (text) =>
      text.replaceAll(/("type":"vote_submitted"[^\n]*?"state_checksum":")[0-9a-f]{4}/g, '$1ffff')
    const member = clients.keep(
      watchSession(leader.sessionId, { url: proxy.url, timing: TIMING, fetch: syncs }),
    )
    await until(() => member.state !== null)
    const held: (number | undefined)[] = []
    const sampling = setInterval(() => held.push(member.state?.state_version), 1)
    await leader.commands.start()
    for (const card of ['1', '2', '3'] as const) {
      await leader.commands.vote(card)
      await converged(member, server.url)
    }
    clearInterval(sampling)
    expect(member.resyncs).toBe(3)
    expect(answers).toEqual([])
    // The state was never taken away, and never went back.
    expect(held).toEqual([...held].sort((one, other) => (one ?? -1) - (other ?? -1)))
  })

  test('frames doubled and in the wrong order: each event once, in order', async () => {
    const shuffle = (text: string) => {
      const frames = text.split('\n\n').filter((frame) => frame.startsWith('id:'))
      return frames.length > 1 ? `${[...frames].reverse().join('\n\n')}\n\n${text}` : text + text
    }
    const { leader, member, proxy } = await clients.table(server.url)
    await until(() => member.connection === 'streaming')
    const reading = versionsOf(member.events())
    proxy.fault.rewrite = shuffle
    await playRound(leader, member)
    await converged(member, server.url)
    await leader.commands.start()
    await converged(member, server.url)
    await member.close()
    const versions = await reading
    expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other))
  })
})

describe('answers that are not the server’s', () => {
  test.each([
    [502, { 'Content-Type': 'text/html' }, '<h1>Bad Gateway</h1>'],
    [404, { 'Content-Type': 'text/html' }, '<h1>default backend</h1>'],
    [403, { 'Content-Type': 'application/problem+json' }, '{"title":"some gateway’s own"}'],
    [200, { 'Content-Type': 'text/html' }, '<h1>Please accept our terms</h1>'],
    [200, { 'Content-Type': 'application/json' }, '<h1>no JSON</h1>'],
    [503, { 'Retry-After': '0' }, ''],
  ])('%i %j: the client says why it waits, and comes back', async (status, headers, body) => {
    const { leader, member, proxy } = await clients.table(server.url)
    await until(() => member.connection === 'streaming')
    proxy.fault.answer = { status, headers: { ...headers }, body }
    proxy.cut()
    await until(() => member.connection === 'waiting' && member.failure !== null)
    expect(member.state?.status).toBe('waiting')
    await leader.commands.start()
    delete proxy.fault.answer
    await converged(member, server.url)
    expect(member.failure).toBeNull()
  })

  test('creating and joining wait for a server that is about to be back', async () => {
    const proxy = await startProxy(server.url, { answer: { status: 502, body: '<h1>Bad Gateway</h1>' } })
    const creating = createSession(CREATION, { url: proxy.url, timing: TIMING })
    await new Promise((resolve) => setTimeout(resolve, 100))
    delete proxy.fault.answer
    clients.keep(await creating)
    proxy.fault.answer = { status: 200, body: '<h1>Please accept our terms</h1>' }
    const refused = createSession(CREATION, { url: proxy.url, timing: TIMING })
    await expect(refused).rejects.toMatchObject({ name: 'MagnaPPError', code: 'UNKNOWN', status: 200 })
    await clients.close()
    await proxy.close()
  })
})
