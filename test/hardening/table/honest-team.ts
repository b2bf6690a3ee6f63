import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { createParser } from 'eventsource-parser'
import type { HonestOrder, HonestReport } from './honest-orders.js'

/*
 * A team of three that plays while somebody attacks, in a separate process so that the attacker's work does
 * not slow it down. It also asks a server that does nothing: the time for that is the machine's doing.
 */

const [origin = '', certFile = ''] = process.argv.slice(2)
/** Three people who all vote twice a second are far below every limit. */
const ROUND_MS = 150
const ANSWER_MS_MAX = 5_000

interface Person {
  readonly sessionId: string
  readonly token: string
}

const url = new URL(origin)
const isSecure = url.protocol === 'https:'
const security = isSecure ? { ca: readFileSync(certFile), servername: url.hostname } : {}
/** Each team has an address of its own, so that none meets the limits of those before it. */
const ADDRESSES = 200
let teams = 0
let agent = agentOf()
const ask = isSecure ? https.request : http.request

const idle = http.createServer((_request, response) => response.end('ok'))
idle.listen(0, '127.0.0.1')
await once(idle, 'listening')

let report = emptyReport()
let isPlaying = false
let played: Promise<void> = Promise.resolve()

process.on('disconnect', () => process.exit(0))
// If several fail at once, one of them is awaited.
process.on('unhandledRejection', (error) => report.faults.push(String(error)))
process.on('message', async (order: HonestOrder) => {
  if (order === 'play') {
    report = emptyReport()
    isPlaying = true
    teams += 1
    agent.destroy()
    agent = agentOf()
    const team = await createTeam()
    played = play(team).catch((error: unknown) => {
      report.faults.push(String(error))
    })
    process.send?.({ sessionId: team[0]?.sessionId ?? '' })
    return
  }
  isPlaying = false
  await played
  process.send?.(report)
})
process.send?.('ready')

function emptyReport(): HonestReport {
  return { requests: 0, events: 0, requestMs: 0, eventMs: 0, machineMs: 0, faults: [] }
}

function agentOf(): http.Agent {
  return isSecure ? new https.Agent({ keepAlive: true }) : new http.Agent({ keepAlive: true })
}

function connection() {
  const localAddress = `127.0.0.${10 + (teams % ADDRESSES)}`
  return { host: '127.0.0.1', port: url.port, localAddress, ...security }
}

async function createTeam(): Promise<readonly Person[]> {
  const { body } = await send('POST', '/api/sessions', {
    body: { name: 'Honest', creator_name: 'Ada', creator_avatar: 'fox' },
  })
  const { session_id: sessionId, user_token: token } = JSON.parse(body)
  const others = await Promise.all(
    ['Bob', 'Cleo'].map(async (name) => {
      const joined = await send('POST', `/api/sessions/${sessionId}/join`, {
        body: { user_name: name, user_avatar: 'owl' },
      })
      return { sessionId, token: String(JSON.parse(joined.body).user_token) }
    }),
  )
  return [{ sessionId, token }, ...others]
}

/** Plays rounds until the order to end comes; then ends the session too. */
async function play(team: readonly Person[]): Promise<void> {
  const [leader] = team
  if (leader === undefined) return
  const path = `/api/sessions/${leader.sessionId}`
  const streams = team.map((member) => new Follower(member))
  await Promise.all(streams.map((stream) => stream.heard('session_updated')))
  try {
    do await playRound(path, team, streams)
    while (isPlaying)
  } finally {
    for (const stream of streams) stream.close()
    await send('DELETE', path, { by: leader })
  }
}

async function playRound(path: string, team: readonly Person[], streams: readonly Follower[]): Promise<void> {
  const [leader] = team
  if (leader === undefined) return
  const startedAt = performance.now()
  const askIdle = machine()
  await command(path, 'start', leader, { streams, type: 'voting_started' })
  await Promise.all(
    team.map((by) => command(path, 'vote', by, { streams, type: 'vote_submitted', body: { vote: '5' } })),
  )
  await command(path, 'reveal', leader, { streams, type: 'votes_revealed' })
  await send('GET', path, {})
  await send('GET', '/health', {})
  await askIdle
  const left = ROUND_MS - (performance.now() - startedAt)
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left))
}

interface Expected {
  readonly streams: readonly Follower[]
  readonly type: string
  readonly body?: unknown
}

/** A command, whose event every stream must bring. */
async function command(
  path: string,
  name: string,
  by: Person,
  { streams, type, body }: Expected,
): Promise<void> {
  const startedAt = performance.now()
  const heard = Promise.all(streams.map((stream) => stream.heard(type))).then(() => {
    report.events += streams.length
    report.eventMs = Math.max(report.eventMs, performance.now() - startedAt)
  })
  await Promise.all([heard, send('POST', `${path}/${name}`, { by, body })])
}

interface Sent {
  readonly by?: Person
  readonly body?: unknown
}

function send(method: string, path: string, { by, body }: Sent): Promise<{ status: number; body: string }> {
  const startedAt = performance.now()
  const headers = {
    Host: url.host,
    ...(by === undefined ? {} : { Authorization: `Bearer ${by.token}` }),
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
  }
  return new Promise((resolve, reject) => {
    const request = ask(
      { ...connection(), agent, method, path, headers, timeout: ANSWER_MS_MAX },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => {
          const status = response.statusCode ?? 0
          report.requests += 1
          report.requestMs = Math.max(report.requestMs, performance.now() - startedAt)
          if (status >= 400) report.faults.push(`${method} ${path}: ${status} ${text.slice(0, 200)}`)
          resolve({ status, body: text })
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`)))
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** How long the machine itself takes for such an exchange. */
function machine(): Promise<void> {
  const startedAt = performance.now()
  const address = idle.address()
  if (address === null || typeof address === 'string') throw new Error('the idle server listens on no port')
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: address.port }, (response) => {
        response.resume().on('end', () => {
          report.machineMs = Math.max(report.machineMs, performance.now() - startedAt)
          resolve()
        })
      })
      .on('error', reject)
  })
}

/** One person's stream, and who waits for what on it. */
class Follower {
  readonly #request: http.ClientRequest
  readonly #waiting: { readonly type: string; readonly done: () => void }[] = []

  constructor({ sessionId, token }: Person) {
    const parser = createParser({ onEvent: ({ data }) => this.#tell(JSON.parse(data).type) })
    const headers = { Host: url.host, Authorization: `Bearer ${token}` }
    this.#request = ask(
      { ...connection(), agent: false, path: `/api/sse/${sessionId}`, headers },
      (response) => {
        response.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk))
        response.on('error', () => {}).on('end', () => isPlaying && report.faults.push('a stream ended'))
      },
    )
    this.#request.on('error', (error) => isPlaying && report.faults.push(`a stream broke: ${error.message}`))
    this.#request.end()
  }

  heard(type: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`no ${type} came`)), ANSWER_MS_MAX)
      const done = () => {
        clearTimeout(limit)
        resolve()
      }
      this.#waiting.push({ type, done })
    })
  }

  close(): void {
    this.#request.destroy()
  }

  #tell(type: string): void {
    const index = this.#waiting.findIndex((waiting) => waiting.type === type)
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.done()
  }
}
