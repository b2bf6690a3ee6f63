import { createSession, type SessionClient } from '../../src/client/client.js'
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

const clients = new Clients()
const servers: BuiltServer[] = []

async function start(environment: Record<string, string> = {}): Promise<BuiltServer> {
  const server = await startBuiltServer({ RATE_LIMITING: 'false', ...environment })
  servers.push(server)
  return server
}

afterEach(async () => {
  await clients.close()
  await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')))
})

async function streamingClient(url: string): Promise<SessionClient> {
  const client = clients.keep(await createSession(CREATION, { url, timing: TIMING }))
  await until(() => client.connection === 'streaming')
  return client
}

test('killed and restarted on the same port, it has forgotten the session: the client says so', async () => {
  const server = await start()
  const client = await streamingClient(server.url)
  const events = client.events()
  await server.stop('SIGKILL')
  await until(() => client.connection === 'waiting')
  await start({ PORT: new URL(server.url).port })
  await expect(client.closed).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND', status: 404 })
  expect(client.connection).toBe('closed')
  expect(client.failure).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  await expect(events.next()).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
})

test('killed for good: the client waits, says why, keeps its state, and can be closed', async () => {
  const server = await start()
  const client = await streamingClient(server.url)
  await server.stop('SIGKILL')
  await until(() => client.failure !== null)
  expect(client.connection).toBe('waiting')
  expect(client.state?.name).toBe('Sprint')
  await expect(client.commands.start()).rejects.toThrow()
  await client.close()
  expect(client.connection).toBe('closed')
})

test('out of reach for a while, it has kept the session, and nothing is missed', async () => {
  const server = await start()
  const { leader, member, proxy } = await clients.table(server.url)
  await until(() => member.connection === 'streaming')
  const reading = versionsOf(member.events())
  proxy.fault.isDown = true
  proxy.cut()
  await until(() => member.connection === 'waiting')
  await playRound(leader, leader)
  proxy.fault.isDown = false
  await converged(member, server.url)
  await member.close()
  expect(await reading).toEqual([2, 3, 4, 5, 6])
})

test('suspended, it is noticed by its silence, and found again when it carries on', async () => {
  const server = await start({ HEARTBEAT_SECONDS: '0.2' })
  const { leader, member, proxy } = await clients.table(server.url, {}, HASTY)
  await until(() => member.connection === 'streaming')
  // Heartbeats alone keep a stream open beyond the allowed silence.
  await new Promise((resolve) => setTimeout(resolve, HASTY.silenceMs + 300))
  expect(proxy.streams.count).toBe(1)
  server.process.kill('SIGSTOP')
  await until(() => proxy.streams.count > 1)
  await expect(member.commands.vote('5')).rejects.toMatchObject({ name: 'TimeoutError' })
  server.process.kill('SIGCONT')
  await leader.commands.start()
  await converged(member, server.url)
})

test('shutting down, it sends its clients away, and they wait for the next one', async () => {
  const server = await start()
  const client = await streamingClient(server.url)
  const stopped = server.stop()
  await until(() => client.connection === 'waiting')
  expect(await stopped).toBe(0)
})
