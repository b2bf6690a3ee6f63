import { type ClientSnapshot, createSession, joinSession, watchSession } from '../../src/client/client.js'
import { SnapshotStore } from '../../src/client/snapshot.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, JOINING, playRound, TIMING, until } from '../support/clients.js'

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

test('a listener is told of every state and every change of the connection, each once and in order', async () => {
  const { leader, member, proxy } = await clients.table(server.url)
  const seen: ClientSnapshot[] = []
  member.subscribe((snapshot) => {
    expect(member.snapshot).toBe(snapshot)
    seen.push(snapshot)
  })
  await until(() => member.connection === 'streaming')
  await playRound(leader, member)
  await until(() => member.state?.status === 'results')
  proxy.fault.status = 503
  proxy.cut()
  await until(() => member.failure !== null)
  delete proxy.fault.status
  await until(() => member.connection === 'streaming' && member.failure === null)
  await leader.commands.end()
  await member.closed

  const versions = seen.map(({ state }) => state?.state_version ?? -1)
  expect(new Set(versions)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
  expect(versions).toEqual([...versions].sort((one, other) => one - other))
  for (const [index, snapshot] of seen.entries()) expect(snapshot).not.toEqual(seen[index - 1])
  const connections = seen.map(({ connection }) => connection)
  const changes = connections.filter((connection, index) => connection !== connections[index - 1])
  expect(changes).toEqual(['streaming', 'waiting', 'streaming', 'closed'])
  // The end comes as one change: nobody sees a closed client without its reason.
  const [last] = seen.slice(-1)
  expect(last).toMatchObject({
    connection: 'closed',
    ending: { reason: 'ended' },
    state: { status: 'ended' },
  })
  expect(seen.filter(({ connection }) => connection === 'closed')).toHaveLength(1)
})

test('each event is in the snapshot before it is read, and an unsubscribed listener hears no more', async () => {
  const { leader, member } = await clients.table(server.url)
  const heard: number[] = []
  const unsubscribe = member.subscribe(({ state }) => heard.push(state?.state_version ?? -1))
  const events = member.events()
  await until(() => member.connection === 'streaming')
  await leader.commands.start()
  for await (const { type, state_version } of events) {
    if (type !== 'voting_started') continue
    expect([member.state?.state_version, heard.at(-1)]).toEqual([state_version, state_version])
    break
  }
  unsubscribe()
  await leader.commands.vote('5')
  await until(() => member.state?.state_version === 3)
  expect(heard.at(-1)).toBe(2)
})

test('the ending of a session that ended out of hearing says so', async () => {
  const { leader, member, proxy } = await clients.table(server.url)
  await until(() => member.connection === 'streaming')
  proxy.fault.isDown = true
  proxy.cut()
  await until(() => member.connection === 'waiting')
  await leader.commands.end()
  proxy.fault.isDown = false
  expect(await member.closed).toEqual({ reason: 'missed', message: expect.stringMatching(/\S/) })
  expect(member.state?.status).toBe('ended')
})

test('the ending of a client that was aborted says that the program closed it', async () => {
  const leader = clients.keep(await createSession(CREATION, { url: server.url, timing: TIMING }))
  const abort = new AbortController()
  const options = { url: server.url, timing: TIMING, signal: abort.signal }
  const watcher = clients.keep(watchSession(leader.sessionId, options))
  await until(() => watcher.state !== null)
  abort.abort()
  expect(await watcher.closed).toEqual({ reason: 'closed', message: null })
})

test('a client that leaves hears of its own end once', async () => {
  const options = { url: server.url, timing: TIMING }
  const leader = clients.keep(await createSession(CREATION, options))
  const member = clients.keep(await joinSession(leader.sessionId, JOINING, options))
  const endings: (string | undefined)[] = []
  member.subscribe(({ ending }) => ending !== null && endings.push(ending.reason))
  await until(() => member.connection === 'streaming')
  await member.leave()
  expect(endings).toEqual(['left'])
})

describe('the store', () => {
  test('tells each listener once, and only of real changes', () => {
    const store = new SnapshotStore({ a: 1, b: Number.NaN })
    const heard: number[] = []
    store.subscribe(({ a }) => heard.push(a))
    store.update({ a: 1, b: Number.NaN })
    const before = store.current
    store.update({})
    expect(store.current).toBe(before)
    store.update({ a: 2 })
    expect(heard).toEqual([2])
  })

  test('lets a listener make changes: the others hear only of the newest', () => {
    const store = new SnapshotStore({ a: 0 })
    const heard: string[] = []
    store.subscribe(({ a }) => {
      heard.push(`first ${a}`)
      if (a === 1) store.update({ a: 2 })
    })
    store.subscribe(({ a }) => heard.push(`second ${a}`))
    store.update({ a: 1 })
    expect(heard).toEqual(['first 1', 'first 2', 'second 2'])
  })

  test('lets a listener stop another, stop itself, or add one', () => {
    const store = new SnapshotStore({ a: 0 })
    const heard: string[] = []
    const stopFirst = store.subscribe(() => {
      heard.push('first')
      stopFirst()
      stopSecond()
      store.subscribe(() => heard.push('added'))
    })
    const stopSecond = store.subscribe(() => heard.push('second'))
    store.update({ a: 1 })
    expect(heard).toEqual(['first'])
    store.update({ a: 2 })
    expect(heard).toEqual(['first', 'added'])
  })

  test('leaves what a listener throws uncaught, and still tells everybody else', () => {
    const store = new SnapshotStore({ a: 0 })
    const uncaught: (() => void)[] = []
    const queueing = jest
      .spyOn(globalThis, 'queueMicrotask')
      .mockImplementation((task) => uncaught.push(task))
    const heard: number[] = []
    store.subscribe(() => {
      throw new Error('a fault of the program')
    })
    store.subscribe(({ a }) => heard.push(a))
    store.update({ a: 1 })
    queueing.mockRestore()
    expect(heard).toEqual([1])
    expect(uncaught[0]).toThrow('a fault of the program')
  })
})
