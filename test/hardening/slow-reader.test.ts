import diagnostics from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { createParser } from 'eventsource-parser'
import type { SessionHost } from '../../src/runtime/session-host.js'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const MIB = 2 ** 20

/** A reader that has requested a stream and takes nothing until told to. */
function stuckReader(url: string, sessionId: string, token?: string): net.Socket {
  const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
  socket.pause()
  socket.on('error', () => {})
  const proof = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`
  socket.write(`GET /api/sse/${sessionId} HTTP/1.1\r\nHost: x\r\n${proof}\r\n`)
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

/** A notice that leaves room in Node's buffer for another one. */
const NOTICE = JSON.stringify('x'.repeat(4_000))

describe('a reader that leaves a few bytes untaken, with room for more in the buffer', () => {
  let clock: SimulatedClock
  let server: InProcess
  let api: Api
  let ada: Person
  let host: SessionHost
  let reader: net.Socket
  /** The server's end of the reader's connection. */
  let end: net.Socket

  beforeEach(async () => {
    clock = new SimulatedClock(1_000_000)
    const environment = { RATE_LIMITING: 'false', LOG_REQUESTS: 'false' }
    server = await startInProcess({ clock, environment })
    api = new Api(server.url)
    ada = await api.create()
    host = [...server.services.supervisor.sessions()][0] as SessionHost
    const connected = new Promise<net.Socket>((resolve) => {
      const take = (message: unknown) => {
        diagnostics.unsubscribe('net.server.socket', take)
        resolve((message as { socket: net.Socket }).socket)
      }
      diagnostics.subscribe('net.server.socket', take)
    })
    reader = stuckReader(server.url, ada.sessionId, ada.token)
    end = await connected
    while (server.services.streams.count === 0) await turnOfTheLoop()
    await fill()
  })

  afterEach(() => {
    reader.destroy()
    return server.stop()
  })

  const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve))

  /** Writes until the kernel has taken no more for a while: its buffers grow. */
  async function fill(): Promise<void> {
    for (let waited = 0; waited < 5; waited += 1) {
      while (end.writableLength === 0) {
        host.readers.notify(NOTICE)
        waited = 0
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect([end.writableLength > 0, end.writableNeedDrain]).toEqual([true, false])
  }

  /** Reads everything that is there. */
  async function read(): Promise<void> {
    reader.resume()
    while (end.writableLength > 0) await turnOfTheLoop()
    reader.pause()
  }

  async function isClosed(): Promise<boolean> {
    for (let turns = 0; turns < 10; turns += 1) await turnOfTheLoop()
    return server.services.streams.count === 0 && host.readers.count === 0 && end.destroyed
  }

  const ENDINGS: Record<string, () => unknown> = {
    'that stays open': () => {},
    'that ended with the session': () =>
      api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada }),
    'that gave way': () => {
      for (const stream of server.services.streams) stream.giveWay()
    },
  }

  test.each(Object.keys(ENDINGS))('is cut after 30 seconds on a stream %s', async (ending) => {
    await ENDINGS[ending]?.()
    const unsent = end.writableLength
    clock.increment(29_000)
    expect(await isClosed()).toBe(false)
    expect(end.writableLength).toBe(unsent)
    clock.increment(1_500)
    expect(await isClosed()).toBe(true)
    expect(server.services.telemetry.streamsClosed.stalled).toBe(1)
  })

  test('is cut then, too, where heartbeats are a minute apart', async () => {
    await read()
    await api.post(`/api/mobile/${ada.sessionId}/optimize?battery_level=40`, { by: ada })
    await read()
    clock.increment(25_000)
    await fill()
    clock.increment(29_000)
    expect(await isClosed()).toBe(false)
    clock.increment(1_500)
    expect(await isClosed()).toBe(true)
  })

  test('has the whole time again for what comes once it has taken that', async () => {
    for (let time = 0; time < 4; time += 1) {
      clock.increment(20_000)
      expect(await isClosed()).toBe(false)
      await read()
      await fill()
    }
  })

  test('is closed as soon as it has taken what was left when the stream ended', async () => {
    await ENDINGS['that gave way']?.()
    clock.increment(20_000)
    expect(await isClosed()).toBe(false)
    reader.resume()
    await once(reader, 'close')
    expect(await isClosed()).toBe(true)
    expect(server.services.telemetry.streamsClosed).toMatchObject({ replaced: 1, stalled: 0 })
  })
})

/** Resident memory of the server's process, as Linux counts it. */
function residentBytes({ process: child }: BuiltServer): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}
