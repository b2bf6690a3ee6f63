import fc from 'fast-check'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { dial, statusOf } from '../support/raw-exchange.js'
import { anyRequest, type HostileRequest, type Known, send } from './hostile-requests.js'
import { type Holdings, LOOKED_INTO, ProcessGauge } from './table/process-gauge.js'

/** How long; an hour sends several hundred thousand. */
const MINUTES = Number(process.env['HARDEN_MINUTES'] ?? 0.1)
/** To send the same ones again. */
const SEED = Number(process.env['HARDEN_SEED'] ?? Date.now() % 2 ** 31)
const BATCH = 400
const AT_ONCE = 8
/** A poll may wait, and much else may be running alongside. */
const ANSWER_MS_MAX = 40_000
const WARM_UP_BATCHES = 3

const KEPT_MIB_MAX = 24
const DESCRIPTORS_MAX = 4
/** Includes timers of answers that have just ended. */
const HANDLES_MAX = 24
const BACK_MS_MAX = 60_000

/** Statuses of the server's own faults. */
const failures: number[] = []

let server: BuiltServer
let api: Api
let gauge: ProcessGauge

beforeAll(async () => {
  // Random requests create sessions too, about one a second. Nobody is in them: they soon make room, and end.
  const room = {
    MAX_SESSIONS: '60',
    PRESENCE_SECONDS: '5',
    DESERTED_MINUTES: '0.1',
    SESSION_TIMEOUT_MINUTES: '0.5',
  }
  server = await startBuiltServer({ ...LOOKED_INTO, ...room, RATE_LIMITING: 'false' })
  api = new Api(server.url)
  gauge = await ProcessGauge.of(server)
})

afterAll(async () => {
  gauge.close()
  await server.stop()
})

/** Why: what nobody thought of is sent by somebody, sooner or later, and many times. */
test(
  'random and mutated requests end in no failure, and everything they took is given back',
  async () => {
    process.stdout.write(`random requests: HARDEN_SEED=${SEED}\n`)
    const tally = new Map<number | null, number>()
    let batch = 0
    for (; batch < WARM_UP_BATCHES; batch += 1) await sendBatch(SEED + batch, tally)
    const before = await gauge.holdings()
    const limit = performance.now() + MINUTES * 60_000
    for (; performance.now() < limit; batch += 1) await sendBatch(SEED + batch, tally)
    const after = await settled(before)
    process.stdout.write(
      `random requests: ${JSON.stringify({ answers: Object.fromEntries(tally), before, after })}\n`,
    )
    expect(failures).toEqual([])
    expect(after.descriptors - before.descriptors).toBeLessThanOrEqual(DESCRIPTORS_MAX)
    expect(after.handles - before.handles).toBeLessThanOrEqual(HANDLES_MAX)
    expect(after.liveMib - before.liveMib).toBeLessThanOrEqual(KEPT_MIB_MAX)
    expect(server.output()).not.toMatch(/"level":"(?:error|fatal)"/)
  },
  MINUTES * 60_000 + 120_000,
)

/** Sessions of its own, so that what one batch ends is there for the next. */
async function sendBatch(seed: number, tally: Map<number | null, number>): Promise<void> {
  const [ada, mallory] = [await api.create(), await api.create('Mallory')]
  const bob = await api.join(ada.sessionId)
  await api.command(ada, 'start')
  const known = knownOf(ada, bob, mallory)
  const requests = fc.sample(anyRequest, { seed, numRuns: BATCH })
  const mutations = fc.sample(fc.array(mutation, { minLength: 1, maxLength: 4 }), { seed, numRuns: BATCH })
  const pairs = requests.map((request, index) => ({
    request,
    mutations: mutations[index] ?? [],
    isMutated: index % 4 === 0,
  }))
  const line = async () => {
    for (let next = pairs.pop(); next !== undefined; next = pairs.pop()) {
      const status = next.isMutated
        ? await sendOctets(mutated(octetsOf(next.request, known), next.mutations))
        : (await send(server.url, next.request, { known, answerMsMax: ANSWER_MS_MAX })).status
      tally.set(status, (tally.get(status) ?? 0) + 1)
      // If the machine leaves it no time, the server says it is not ready, which is what is asked.
      if (status === 503 && next.request.path.startsWith('/readyz')) continue
      if (status === null || status < 500) continue
      failures.push(status)
      process.stdout.write(`${status}: ${JSON.stringify(next)}\n`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  for (const by of [ada, mallory])
    await api.request(`/api/sessions/${by.sessionId}`, { method: 'DELETE', by })
}

function knownOf(ada: Person, bob: Person, mallory: Person): Known {
  return {
    SESSION: ada.sessionId,
    LEADER: ada.userId,
    MEMBER: bob.userId,
    OWN: mallory.sessionId,
    TOKEN: mallory.token,
  }
}

interface Mutation {
  readonly at: number
  readonly kind: 'flip' | 'drop' | 'double' | 'insert' | 'cut'
  readonly octet: number
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom('flip', 'drop', 'double', 'insert', 'cut'),
  octet: fc.integer({ min: 0, max: 255 }),
})

function mutated(octets: Buffer, mutations: readonly Mutation[]): Buffer {
  return mutations.reduce((so, { at, kind, octet }) => {
    const place = Math.floor(at * so.length)
    const [head, tail] = [so.subarray(0, place), so.subarray(place)]
    switch (kind) {
      case 'flip':
        return Buffer.concat([head, Buffer.of((tail[0] ?? 0) ^ (octet || 1)), tail.subarray(1)])
      case 'drop':
        return Buffer.concat([head, tail.subarray(1)])
      case 'double':
        return Buffer.concat([head, tail.subarray(0, 40), tail])
      case 'insert':
        return Buffer.concat([head, Buffer.of(octet), tail])
      default:
        return head
    }
  }, octets)
}

function octetsOf({ method, path, headers, body }: HostileRequest, known: Known): Buffer {
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === null ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
  ]
  const head = Object.entries(known).reduce(
    (so, [name, value]) => so.replaceAll(name, value),
    lines.join('\r\n'),
  )
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body ?? Buffer.alloc(0)])
}

/** @returns the status of what came within a moment; `null`: nothing came, as when the end is missing */
async function sendOctets(octets: Buffer): Promise<number | null> {
  const socket = await dial({ port: Number(new URL(server.url).port) })
  const answer = new Promise<string>((resolve) => {
    socket.once('data', (chunk) => resolve(chunk.toString('latin1'))).once('close', () => resolve(''))
    setTimeout(() => resolve(''), 150)
  })
  socket.write(octets)
  const status = statusOf(await answer)
  socket.destroy()
  return status
}

async function settled(before: Holdings): Promise<Holdings> {
  const limit = performance.now() + BACK_MS_MAX
  for (;;) {
    const after = await gauge.holdings()
    const isBack =
      after.descriptors <= before.descriptors + DESCRIPTORS_MAX &&
      after.handles <= before.handles + HANDLES_MAX
    if (isBack || performance.now() > limit) return after
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
