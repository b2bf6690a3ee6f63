import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { createParser } from 'eventsource-parser'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const MIB = 2 ** 20

/** A reader that has requested a stream and takes nothing until told to. */
function stuckReader(url: string, sessionId: string): net.Socket {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
  socket.pause()
  socket.on('error', () => {})
  socket.write(`GET /api/sse/${sessionId} HTTP/1.1\r\nHost: x\r\n\r\n`)
  return socket
}

/** Connections that request eight things at a time. */
const CONNECTIONS = 4
const AT_A_TIME = 8
/** Ten megabytes for each reader: more than the kernel buffers for one. */
const EVENTS = 1_200 * CONNECTIONS * AT_A_TIME

/** Makes {@link EVENTS} of them, by postponing the session's end. */
async function makeEvents(url: string, { sessionId, token }: Person): Promise<void> {
  const request = `POST /api/sessions/${sessionId}/extend HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`
  const asking = Array.from({ length: CONNECTIONS }, async () => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1')
    for (let made = 0; made < EVENTS / CONNECTIONS; made += AT_A_TIME) {
      socket.write(request.repeat(AT_A_TIME))
      let text = ''
      while (text.split('HTTP/1.1 200').length <= AT_A_TIME) text += String(await once(socket, 'data'))
    }
    socket.destroy()
  })
  await Promise.all(asking)
}

describe('a reader that never reads', () => {
  const READERS = 30
  let server: BuiltServer

  beforeAll(async () => {
    server = await startBuiltServer({ RATE_LIMITING: 'false', LOG_REQUESTS: 'false', EVENT_LOG_SIZE: '64' })
  })

  afterAll(() => server.stop())

  test('does not make the memory grow or hold the others up', async () => {
    const api = new Api(server.url)
    const ada = await api.create()
    // What the requests leave until the collector runs is not the readers': hence the first round.
    await makeEvents(server.url, ada)
    const stuck = Array.from({ length: READERS }, () => stuckReader(server.url, ada.sessionId))
    const live = await new TestStream(server.url, ada.sessionId).untilType('session_updated')
    const before = residentBytes(server)
    await makeEvents(server.url, ada)
    const grown = residentBytes(server) - before
    await live.until(() => live.events.length === EVENTS)
    const streamedBytes = Buffer.byteLength(live.raw)
    // Queued for the stuck ones it would be some 300 MiB.
    expect(streamedBytes * READERS).toBeGreaterThan(250 * MIB)
    expect(grown).toBeLessThan(100 * MIB)
    live.close()
    for (const socket of stuck) socket.destroy()
  }, 120_000)

  test('gets, once it reads again, what its socket still held, then the whole state, then what is new', async () => {
    const api = new Api(server.url)
    const ada = await api.create()
    const socket = stuckReader(server.url, ada.sessionId)
    await makeEvents(server.url, ada)
    const versions: number[] = []
    const types: string[] = []
    const parser = createParser({
      onEvent: ({ data }) => {
        const { type, state_version } = JSON.parse(data)
        types.push(type)
        versions.push(state_version)
      },
    })
    socket.setEncoding('utf8').on('data', (chunk: Buffer | string) => {
      parser.feed(String(chunk).replace(/^HTTP[\s\S]*?\r\n\r\n/, ''))
    })
    socket.resume()
    while (!types.includes('state_sync_required')) await new Promise((resolve) => setTimeout(resolve, 5))
    await api.command(ada, 'start')
    while (!types.includes('voting_started')) await new Promise((resolve) => setTimeout(resolve, 5))
    const sync = types.indexOf('state_sync_required')
    expect(versions.slice(0, sync)).toEqual(
      versions.slice(0, sync).map((_, index) => (versions[0] ?? 0) + index),
    )
    expect(versions[sync]).toBeGreaterThan((versions[sync - 1] ?? 0) + 1)
    expect(versions.at(-1)).toBe(EVENTS + 1)
    socket.destroy()
  }, 120_000)
})

describe('a reader that takes nothing for too long', () => {
  let server: InProcess

  afterEach(() => server.stop())

  test('is cut after 30 seconds', async () => {
    const clock = new SimulatedClock(1_000_000)
    server = await startInProcess({ clock, environment: { RATE_LIMITING: 'false', LOG_REQUESTS: 'false' } })
    const api = new Api(server.url)
    const ada = await api.create()
    const socket = stuckReader(server.url, ada.sessionId)
    await makeEvents(server.url, ada)
    expect(server.services.streams.count).toBe(1)
    clock.increment(29_000)
    await new Promise((resolve) => setImmediate(resolve))
    expect(server.services.streams.count).toBe(1)
    clock.increment(16_000)
    while (server.services.streams.count > 0) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
  }, 120_000)
})

/** Resident memory of the server's process, as Linux counts it. */
function residentBytes({ process: child }: BuiltServer): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}
