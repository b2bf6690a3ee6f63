import { createServer, type Server } from 'node:http'
import { Duplex } from 'node:stream'
import { createApp } from '../../src/http/app.js'
import { messageClassesOf } from '../../src/http/messages.js'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { waitUntil } from '../support/log-lines.js'

const MINUTE_MS = 60_000

let server: InProcess
let listener: Server
let now = 0

beforeEach(async () => {
  server = await startInProcess({ environment: { RATE_LIMITING: 'false' } })
  Object.assign(server.services.telemetry, { now: () => now })
  const app = createApp(server.services, [])
  listener = createServer(messageClassesOf(app), app)
})

afterEach(async () => {
  listener.closeAllConnections()
  await server.stop()
})

/** A client that takes what it is sent only when told to. */
class SlowReader extends Duplex {
  text = ''
  #take: (() => void) | null = null

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk
    this.#take = done
  }

  /** Takes what is waiting, a minute after it came. @returns whether anything was waiting */
  takeLate(): boolean {
    const take = this.#take
    if (take === null) return false
    this.#take = null
    now += MINUTE_MS
    take()
    return true
  }
}

/** Pipelines requests for these paths, and takes the answers late. */
async function askSlowly(...paths: string[]): Promise<void> {
  const reader = new SlowReader()
  listener.emit('connection', reader)
  for (const path of paths) reader.push(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await waitUntil(async () => {
    reader.takeLate()
    return (await times()).requests === paths.length
  })
  reader.destroy()
}

async function times() {
  const { figures } = await server.services.monitoring.instruments()
  const { counters, histograms } = figures()
  const seconds = histograms['api_request_duration_seconds']
  return { requests: counters['api_requests_total'], measured: seconds?.count, longest: seconds?.max }
}

test('the time that a client takes to read its answer does not count', async () => {
  await askSlowly('/health')
  expect(await times()).toEqual({ requests: 1, measured: 1, longest: 0 })
})

test('nor does the time it takes to read a long one, which is produced as it is read', async () => {
  const { sessionId, ...ada } = await new Api(server.url).create()
  const stories = Array.from({ length: 50 }, () => ({ title: 'Story', notes: 'x'.repeat(2_000) }))
  await new Api(server.url).post(`/api/sessions/${sessionId}/stories`, {
    by: { sessionId, ...ada },
    body: { stories },
  })
  await waitUntil(async () => (await times()).requests === 2)
  const before = await times()
  const reader = new SlowReader()
  listener.emit('connection', reader)
  reader.push(`GET /api/sessions/${sessionId}/export?format=csv HTTP/1.1\r\nHost: x\r\n\r\n`)
  let waits = 0
  await waitUntil(async () => {
    if (reader.takeLate()) waits += 1
    return (await times()).requests === 3
  })
  expect(waits).toBeGreaterThan(3)
  expect(reader.text.length).toBeGreaterThan(100_000)
  expect(await times()).toEqual({ ...before, requests: 3, measured: 3 })
})

test('nor does the time it waits for the answers to its earlier requests', async () => {
  await askSlowly('/health', '/livez', '/readyz')
  expect(await times()).toEqual({ requests: 3, measured: 1, longest: 0 })
})

test('nor does the time it takes to send its body, whether that arrives or not', async () => {
  const head =
    'POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60\r\n'
  const body = '{"name":"S","creator_name":"Ada","creator_avatar":"fox"}    '
  for (const sent of [body, body.slice(1)]) {
    const reader = new SlowReader()
    listener.emit('connection', reader)
    reader.push(`${head}Expect: 100-continue\r\n\r\n`)
    await waitUntil(() => reader.text.includes('100 Continue'))
    reader.takeLate()
    now += MINUTE_MS
    reader.push(sent)
    if (sent === body) await waitUntil(() => reader.text.includes('201 Created'))
    reader.takeLate()
    reader.destroy()
  }
  await waitUntil(async () => (await times()).requests === 2)
  expect(await times()).toEqual({ requests: 2, measured: 1, longest: 0 })
})
