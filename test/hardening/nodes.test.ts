import { randomUUID } from 'node:crypto'
import type { PastRoundView } from '../../src/wire/history.js'
import { type Answer, Api, type Person, type RequestOptions } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { freePort } from '../support/front-proxy.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { TestStream } from '../support/sse.js'
import { startTcpProxy } from '../support/tcp-proxy.js'

/*
 * Three built servers on one Redis under load, while servers and Redis are killed and restarted. Every client
 * records what was acknowledged; in the end the sessions are compared with these records.
 * `CHAOS_SECONDS=300 npx jest test/hardening/nodes` does so for five minutes.
 */

const CHAOS_MS = Number(process.env['CHAOS_SECONDS'] ?? '12') * 1_000
const TIMEOUT_MS = CHAOS_MS + 120_000
const NODES = 3
const TABLES = 3
const VOTERS = 3
const CARDS = ['1', '2', '3', '5', '8']
/** A session keeps this many rounds. */
const HISTORY_MAX = 200
/** And holds this many stories. */
const STORIES_MAX = 200

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const oneOf = <Value>(values: readonly Value[]): Value => {
  const value = values[Math.floor(Math.random() * values.length)]
  if (value === undefined) throw new Error('there is nothing to choose from')
  return value
}

/** One of several servers, on a port that it keeps. */
class Node {
  readonly url: string
  readonly #port: number
  readonly #redis: RedisServer
  #server: BuiltServer | null = null

  constructor(port: number, redis: RedisServer) {
    this.#port = port
    this.#redis = redis
    this.url = `http://127.0.0.1:${port}`
  }

  get isRunning(): boolean {
    return this.#server !== null
  }

  async start(): Promise<void> {
    this.#server = await startBuiltServer({
      PORT: String(this.#port),
      COMMAND_LOG: this.#redis.url,
      MAX_SESSIONS: '50',
      RATE_LIMITING: 'false',
      REVEAL_SECONDS: '0.05',
      LOG_REQUESTS: 'false',
      // Nobody is away just because this machine is slow.
      DISCONNECT_DEBOUNCE_SECONDS: '60',
    }).catch(() => null)
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    const server = this.#server
    this.#server = null
    await server?.stop(signal)
  }

  send(signal: NodeJS.Signals): void {
    this.#server?.process.kill(signal)
  }
}

describeWithRedis('three servers on one Redis, any of which may be killed at any time', () => {
  let redis: RedisServer
  let nodes: Node[] = []
  let isOver = false
  /** What must not happen, as the clients saw it. */
  let faults: string[] = []

  beforeEach(async () => {
    isOver = false
    faults = []
    redis = await RedisServer.start()
    nodes = []
    for (let node = 0; node < NODES; node += 1) nodes.push(new Node(await freePort(), redis))
    await Promise.all(nodes.map((node) => node.start()))
  }, TIMEOUT_MS)

  afterEach(async () => {
    isOver = true
    for (const node of nodes) node.send('SIGCONT')
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')))
    await redis.stop()
  }, TIMEOUT_MS)

  /** Asks one server after the other, with one key, until one gives a final answer. */
  async function persistently(path: string, options: RequestOptions): Promise<Answer> {
    const headers = { 'Idempotency-Key': randomUUID() }
    for (;;) {
      const answer = await new Api(oneOf(nodes).url)
        .post(path, { ...options, headers })
        .catch(() => ({ status: 503 }) as Answer)
      if (answer.status !== 503) return answer
      await later(20 + Math.random() * 80)
    }
  }

  async function done(path: string, options: RequestOptions): Promise<Answer['body']> {
    const answer = await persistently(path, options)
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }

  /** Somebody's stream, opened on any server as often as needed; it must be in order and without repeats. */
  class Follower {
    readonly versions: number[] = []
    checksum: string | null = null
    #stream: TestStream | null = null
    readonly #person: Person

    constructor(person: Person) {
      this.#person = person
    }

    get last(): number {
      return this.versions.at(-1) ?? 0
    }

    async run(): Promise<void> {
      while (!isOver) {
        const last = this.last === 0 ? {} : { lastEventId: this.last }
        const stream = new TestStream(oneOf(nodes).url, this.#person.sessionId, {
          token: this.#person.token,
          ...last,
        })
        this.#stream = stream
        let taken = 0
        while (!stream.isClosed && !isOver) {
          for (const frame of stream.frames.slice(taken)) this.#take(frame)
          taken = stream.frames.length
          await later(10)
        }
        for (const frame of stream.frames.slice(taken)) this.#take(frame)
        stream.close()
        await later(50)
      }
    }

    close(): void {
      this.#stream?.close()
    }

    #take({ id, data }: TestStream['frames'][number]): void {
      if (data.state_checksum !== null) this.checksum = data.state_checksum
      const isWhole = data.type === 'session_updated' || data.type === 'state_sync_required'
      const version = Number(id)
      if (id === undefined || (isWhole && version === this.last)) return
      // Only the whole state may jump ahead: this machine is slow, and the ring short.
      if (!isWhole && this.last > 0 && version !== this.last + 1)
        faults.push(`${data.type} ${version} came after ${this.last}`)
      this.versions.push(version)
    }
  }

  /** A team that plays round after round, and notes what it was told. */
  class Table {
    readonly played: { readonly story: string | undefined; readonly votes: Record<string, string> }[] = []
    readonly followers: Follower[] = []
    people: Person[] = []

    async sitDown(): Promise<void> {
      const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
      const {
        session_id: sessionId,
        user_id: userId,
        user_token: token,
      } = await done('/api/sessions', { body })
      this.people = [{ sessionId, userId, token }]
      for (let voter = 1; voter < VOTERS; voter += 1) {
        const joining = { user_name: `Voter ${voter}`, user_avatar: 'owl' }
        const joined = await done(`/api/sessions/${sessionId}/join`, { body: joining })
        this.people.push({ sessionId, userId: joined.user_id, token: joined.user_token })
      }
    }

    follow(): Promise<unknown> {
      this.followers.push(...this.people.map((person) => new Follower(person)))
      return Promise.all(this.followers.map((follower) => follower.run()))
    }

    async play(until: () => boolean): Promise<void> {
      const [ada] = this.people
      if (ada === undefined) return
      const path = (name: string) => `/api/sessions/${ada.sessionId}/${name}`
      while (!until()) {
        const count = this.played.length + 1
        const story = count > STORIES_MAX ? undefined : `Story ${count}`
        await done(path('start'), { by: ada, body: { title: story } })
        const votes: Record<string, string> = {}
        await Promise.all(
          this.people.map(async (by) => {
            const vote = oneOf(CARDS)
            await done(path('vote'), { by, body: { vote } })
            votes[by.userId] = vote
          }),
        )
        await done(path('reveal'), { by: ada })
        this.played.push({ story, votes })
        await this.#untilResults(ada)
      }
    }

    async #untilResults({ sessionId }: Person): Promise<void> {
      for (;;) {
        const read = await new Api(oneOf(nodes).url).session(sessionId).catch(() => null)
        if (read?.status === 'results') return
        await later(20)
      }
    }
  }

  /** Kills one after the other, and starts it again. */
  async function chaos(until: () => boolean, strike: () => Promise<void>): Promise<number> {
    let strikes = 0
    while (!until()) {
      await later(300 + Math.random() * 1_500)
      await strike()
      strikes += 1
    }
    return strikes
  }

  async function strikeAny(): Promise<void> {
    if (Math.random() < 0.25) {
      await redis.signal('SIGKILL')
      await later(Math.random() * 1_000)
      await redis.start()
      return
    }
    const node = oneOf(nodes)
    await node.stop(oneOf(['SIGKILL', 'SIGKILL', 'SIGTERM']))
    await later(Math.random() * 1_000)
    while (!node.isRunning) await node.start()
  }

  test(
    'lose nothing that was acknowledged, and do nothing twice',
    async () => {
      const tables = Array.from({ length: TABLES }, () => new Table())
      await Promise.all(tables.map((table) => table.sitDown()))
      const following = tables.map((table) => table.follow())
      const end = performance.now() + CHAOS_MS
      const until = () => performance.now() > end || isOver
      const striking = chaos(until, strikeAny)
      try {
        await Promise.all(tables.map((table) => table.play(until)))
      } catch (error) {
        isOver = true
        await striking
        throw error
      }
      expect(await striking).toBeGreaterThan(0)
      for (const table of tables) await expectTheRecord(table)
      isOver = true
      for (const { followers } of tables) for (const follower of followers) follower.close()
      await Promise.all(following)
    },
    TIMEOUT_MS,
  )

  test(
    'continue without one that is suspended, which has it all when it resumes, and whose people are there',
    async () => {
      const [first, second] = nodes
      if (first === undefined || second === undefined) throw new Error('no servers')
      const api = new Api(first.url)
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      const stream = new TestStream(second.url, bob.sessionId, { token: bob.token })
      await stream.untilType('session_updated')
      const node = async () => {
        const text = await redis.textOf('m:{g}:nodes')
        return JSON.parse(text).length
      }
      while ((await node()) < NODES) await later(20)
      const log =
        (await redis.keys()).find((key) => key.includes(ada.sessionId) && key.endsWith(':log')) ?? ''
      // The others tell the session that its streams there are gone, which the log may soon no longer have.
      const isLost = async () => {
        while (!(await redis.textOf(log)).includes('node.lost')) await later(20)
      }
      second.send('SIGSTOP')
      const lost = isLost()
      lost.catch(() => {})
      // More than the snapshot lags behind, so that what it missed is no longer in the log.
      for (let count = 0; count < 200; count += 1) await api.command(ada, 'extend')
      await api.command(ada, 'start')
      await lost
      second.send('SIGCONT')
      const expected = await api.session(ada.sessionId)
      await stream.untilVersion(expected.state_version)
      const versions = stream.frames.map(({ id }) => Number(id))
      expect(versions).toEqual([...new Set(versions)])
      expect(stream.frames.at(-1)?.data.state_checksum).toBe(expected.state_checksum)
      expect(stream.isClosed).toBe(false)
      // It says itself that Bob's stream is open there, so nothing is due that would make him away.
      const after = async () => (await redis.textOf(log)).split('node.lost').at(-1) ?? ''
      while (!(await after()).includes('presence.streams')) await later(50)
      await new Api(second.url).command(bob, 'vote', { vote: '5' })
      expect(
        (await api.session(ada.sessionId)).participants.map(
          (person: { is_online: boolean }) => person.is_online,
        ),
      ).toEqual([true, true])
      stream.close()
    },
    TIMEOUT_MS,
  )

  test.each([
    ['nothing gets through', false],
    ['its connections break', true],
  ])(
    'include one that cannot reach Redis (%s): it takes no commands, its readers wait, and get everything afterwards',
    async (_why, breaks) => {
      const proxy = await startTcpProxy(Number(new URL(redis.url).port))
      const cutOff = await startBuiltServer({
        COMMAND_LOG: `redis://127.0.0.1:${proxy.port}`,
        RATE_LIMITING: 'false',
        DISCONNECT_DEBOUNCE_SECONDS: '60',
      })
      const [api, behind] = [new Api(nodes[0]?.url ?? ''), new Api(cutOff.url)]
      const ada = await api.create()
      const stream = new TestStream(cutOff.url, ada.sessionId, { token: ada.token })
      await stream.untilType('session_updated')
      proxy.partition(breaks)
      await api.command(ada, 'start')
      const vote = await behind.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: '5' } })
      expect([vote.status, vote.headers.get('retry-after')]).toEqual([503, '5'])
      let read = await behind.session(ada.sessionId)
      while (read.stale !== true) read = await behind.session(ada.sessionId)
      expect(read.status).toBe('waiting')
      proxy.restore()
      await stream.untilType('voting_started')
      const again = async () =>
        (await behind.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: '5' } })).status
      while ((await again()) !== 200) await later(100)
      const [here, there] = [await api.session(ada.sessionId), await behind.session(ada.sessionId)]
      expect([there.state_checksum, there.stale]).toEqual([here.state_checksum, undefined])
      expect(here.participants[0].is_online).toBe(true)
      stream.close()
      await cutOff.stop('SIGKILL')
      await proxy.close()
    },
    TIMEOUT_MS,
  )

  async function expectTheRecord({ people, played, followers }: Table): Promise<void> {
    expect(played.length).toBeGreaterThan(0)
    const id = people[0]?.sessionId ?? ''
    const sessions = await Promise.all(nodes.map(({ url }) => new Api(url).session(id)))
    const [session] = sessions
    expect(new Set(sessions.map(({ state_checksum }) => state_checksum)).size).toBe(1)
    expect(new Set(sessions.map(({ scrum_master_id }) => scrum_master_id)).size).toBe(1)
    expect(session.participants.map((participant: { id: string }) => participant.id).sort()).toEqual(
      people.map(({ userId }) => userId).sort(),
    )
    const { rounds } = (await new Api(oneOf(nodes).url).request(`/api/sessions/${id}/history`)).body
    const kept = rounds.map(recordOf)
    const record = played.slice(-HISTORY_MAX).map(({ story, votes }) => [story, votes])
    expect(kept).toEqual(record)
    // All see the same in the end.
    for (const follower of followers) {
      while (follower.last < session.state_version && faults.length === 0) await later(20)
      expect(faults).toEqual([])
      expect(follower.checksum).toBe(session.state_checksum)
    }
  }
})

/** A round of the history, as the clients noted it. */
function recordOf({ story, votes }: PastRoundView): readonly [string | undefined, Record<string, unknown>] {
  return [story?.title, Object.fromEntries(Object.values(votes).map((vote) => [vote.user_id, vote.value]))]
}
