import { getEventListeners } from 'node:events'
import {
  createSession,
  joinSession,
  listSessions,
  type SessionClient,
  watchSession,
} from '../../src/client/client.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { CREATION, JOINING, TIMING, until } from '../support/clients.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'

let server: BuiltServer

beforeAll(async () => {
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    MAX_SESSIONS: '10000',
    MOBILE_HEARTBEAT_INTERVAL: '0.05',
  })
})

afterAll(() => server.stop())

/** The number of timers and sockets that this process holds. */
function held(): number {
  return process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name)).length
}

/**
 * A `fetch` that aborts at the n-th thing it does: a request going out, its headers coming in,
 * or a piece of its body.
 */
function abortingFetch(abort: AbortController, at: number) {
  const steps = { count: 0 }
  const step = () => {
    if (steps.count === at) abort.abort()
    steps.count += 1
  }
  const aborting: typeof fetch = async (input, init) => {
    step()
    const response = await fetch(input, init)
    step()
    if (response.body === null) return response
    const reader = response.body.getReader()
    const body = new ReadableStream({
      async pull(controller) {
        const { done, value } = await reader.read()
        step()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason) => reader.cancel(reason),
    })
    return new Response(body, response)
  }
  return { aborting, steps }
}

/** Beyond this, long scenarios only repeat themselves. */
const STEPS_MAX = 40

interface Stage {
  readonly proxy: FaultyProxy
  readonly sessionId: string
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
}

type Scenario = (stage: Stage) => Promise<SessionClient | null>

const options = ({ proxy, fetch, signal }: Stage) => ({
  url: proxy.url,
  timing: TIMING,
  fetch,
  signal,
})

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'creating and following': async (stage) => {
    const client = await createSession(CREATION, options(stage))
    await until(() => client.connection !== 'waiting')
    return client
  },
  'joining when the first answers are lost': async (stage) => {
    stage.proxy.fault.answer = { status: 502, headers: { 'Retry-After': '0' } }
    setTimeout(() => delete stage.proxy.fault.answer, 20)
    return joinSession(stage.sessionId, JOINING, options(stage))
  },
  listing: async (stage) => {
    await listSessions(options(stage))
    return null
  },
  'commands, and reading what they did': async (stage) => {
    const client = await createSession(CREATION, options(stage))
    const events = client.events()
    await client.commands.start()
    await client.commands.vote('5')
    await client.commands.reveal()
    for await (const { type } of events) if (type === 'round_completed') break
    return client
  },
  'a vote that waits for the line': async (stage) => {
    const client = await createSession(CREATION, options(stage))
    await client.commands.start()
    await until(() => client.connection === 'closed' || client.state?.status === 'voting')
    stage.proxy.fault.isDown = true
    stage.proxy.cut()
    await until(() => client.connection !== 'streaming')
    const voting = client.vote('5')
    stage.proxy.fault.isDown = false
    await voting
    return client
  },
  'polling, with a lifeline': async (stage) => {
    stage.proxy.fault.isBuffering = true
    const hasty = { ...options(stage), timing: { ...TIMING, firstByteMs: 50 } }
    const client = await joinSession(stage.sessionId, JOINING, hasty)
    await until(() => client.connection !== 'waiting')
    await until(() => client.connection === 'closed' || client.connection === 'polling')
    await new Promise((resolve) => setTimeout(resolve, 60))
    return client
  },
  'being cut, and syncing after a wrong checksum': async (stage) => {
    stage.proxy.fault.rewrite = (text) =>
      text.replaceAll(/("type":"user_joined"[^\n]*?"state_checksum":")[0-9a-f]{4}/g, '$1ffff')
    const client = watchSession(stage.sessionId, options(stage))
    await until(() => client.connection === 'closed' || client.state !== null)
    await new Api(server.url).join(stage.sessionId)
    await until(() => client.connection === 'closed' || client.resyncs > 0)
    // A wait of a few milliseconds is over before a look at it.
    const connections: string[] = []
    client.subscribe(({ connection }) => connections.push(connection))
    stage.proxy.cut()
    await until(() => client.connection === 'closed' || /waiting,streaming/.test(connections.join()))
    return client
  },
}

/** Runs a scenario with an abort at one step. @returns whether the scenario got that far */
async function runAborted(scenario: Scenario, at: number): Promise<boolean> {
  const proxy = await startProxy(server.url, { retryMs: 5 })
  const { sessionId } = await new Api(server.url).create()
  const abort = new AbortController()
  const { aborting, steps } = abortingFetch(abort, at)
  const { signal } = abort
  const client = await scenario({ proxy, sessionId, fetch: aborting, signal }).catch((error: unknown) => {
    // Whatever the abort hits may fail; nothing else may.
    if (!signal.aborted) throw error
    return null
  })
  const hasComeThatFar = signal.aborted
  abort.abort()
  if (client !== null) {
    await client.closed
    expect(client.connection).toBe('closed')
  }
  await until(() => getEventListeners(signal, 'abort').length === 0)
  await proxy.close()
  const counted = steps.count
  await new Promise((resolve) => setImmediate(resolve))
  expect(steps.count).toBe(counted)
  return hasComeThatFar
}

describe('an abort, whatever the client is waiting for, ends everything and leaves nothing behind', () => {
  test.each(Object.entries(SCENARIOS))(
    '%s',
    async (_name, scenario) => {
      // Once without an abort, so that whatever fetch itself keeps is there.
      await runAborted(scenario, Number.POSITIVE_INFINITY)
      const before = held()
      let at = 0
      while (at < STEPS_MAX && (await runAborted(scenario, at))) at += 1
      expect(at).toBeGreaterThan(1)
      await until(() => held() <= before)
    },
    60_000,
  )
})
