import { Socket } from 'node:net'
import type { UserId } from '../../machines/ids.js'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { TestStream } from '../support/sse.js'

let server: InProcess
const streams: TestStream[] = []

beforeEach(async () => {
  server = await startInProcess({ environment: { RATE_LIMITING: 'false' } })
})

afterEach(async () => {
  for (const stream of streams.splice(0)) stream.close()
  await server.stop()
})

async function openMany(sessionId: string, count: number): Promise<TestStream[]> {
  streams.push(...Array.from({ length: count }, () => new TestStream(server.url, sessionId)))
  return Promise.all(streams.map((stream) => stream.untilType('session_updated')))
}

test('sixteen votes in one turn are one write per reader, of the same bytes for all', async () => {
  const api = new Api(server.url)
  const ada = await api.create()
  while ((await api.session(ada.sessionId)).participants.length < 16) await api.join(ada.sessionId)
  await api.command(ada, 'start')
  const readers = await openMany(ada.sessionId, 16)
  const [host] = server.services.supervisor.sessions()
  const written: unknown[] = []
  const write = Socket.prototype.write
  const spy = jest.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args) {
    written.push(args[0])
    return Reflect.apply(write, this, args)
  })
  for (const { id } of host?.snapshot.context.participants ?? []) {
    host?.propose({ type: 'vote.cast', at: Date.now(), by: id as UserId, value: '5' })
  }
  await Promise.all(readers.map((stream) => stream.until(() => stream.events.length === 16)))
  spy.mockRestore()
  expect(written).toHaveLength(16)
  expect(new Set(written).size).toBe(1)
})

test('connections that are reset while events flow affect nothing but themselves', async () => {
  const api = new Api(server.url)
  const ada = await api.create()
  const [witness] = await openMany(ada.sessionId, 1)
  for (let cycle = 0; cycle < 20; cycle += 1) {
    const doomed = Array.from({ length: 10 }, () => new TestStream(server.url, ada.sessionId))
    const commands = Array.from({ length: 5 }, () => api.command(ada, 'extend'))
    for (const stream of doomed) stream.reset()
    await Promise.all(commands)
  }
  await witness?.until((stream) => stream.events.length === 100)
  expect(witness?.events.map(({ id }) => Number(id))).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 1),
  )
  while (server.services.streams.count > 1) await new Promise((resolve) => setImmediate(resolve))
  expect([...server.services.supervisor.sessions()][0]?.readers.count).toBe(1)
})
