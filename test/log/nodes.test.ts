import { randomUUID } from 'node:crypto'
import type { SessionId } from '../../machines/ids.js'
import { keysOf } from '../../src/log/redis/keys.js'
import { stateJson } from '../../src/sync/state-digest.js'
import type { Answer, Api, Person } from '../support/api.js'
import type { InProcess } from '../support/in-process.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'

/*
 * Three servers share the sessions of one Redis: any of them knows what all of them were told, and
 * simultaneous requests to two of them have one outcome.
 */

const NODES = 3
const TIMEOUT_MS = 60_000
const ROUNDS = 60

describeWithRedis('three servers on one Redis', () => {
  let redis: RedisServer
  let servers: ServersOnRedis

  const api = (node: number) => servers.api(node)
  /** One call to each server, all at the same instant. */
  const everywhere = <Value>(ask: (at: Api, node: number) => Promise<Value>): Promise<Value[]> =>
    Promise.all(servers.all.map((_, node) => ask(api(node), node)))

  async function start(environment: Record<string, string> = {}): Promise<void> {
    for (let node = 0; node < NODES; node += 1)
      await servers.start(redis.url, { REVEAL_SECONDS: '0.1', ...environment })
  }

  beforeEach(async () => {
    redis = await RedisServer.start()
    servers = new ServersOnRedis()
  }, TIMEOUT_MS)

  afterEach(async () => {
    await servers.stop()
    await redis.stop()
  }, TIMEOUT_MS)

  const open = (node: number, person: Person, lastEventId?: number) => servers.open(node, person, lastEventId)

  /** What each of them holds of a session, the whole context, once all have read the log. */
  async function states(id: string): Promise<Set<string>> {
    const read = servers.all.map(
      ({ services }) =>
        new Promise<string>((resolve) =>
          services.supervisor.open(id as SessionId, (host) =>
            resolve(host ? stateJson(host.snapshot) : String(host)),
          ),
        ),
    )
    return new Set(await Promise.all(read))
  }

  const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status).sort()

  test(
    'answer for every session at once, whichever of them was told',
    async () => {
      await start()
      for (let round = 0; round < ROUNDS; round += 1) {
        const ada = await api(round).create()
        const bob = await api(round + 1).join(ada.sessionId)
        await api(round + 2).command(ada, 'start')
        await api(round).command(bob, 'vote', { vote: '5' })
        const { body } = await api(round + 1).command(ada, 'reveal')
        expect(body.statistics.total_votes).toBe(1)
        const read = await everywhere((at) => at.session(ada.sessionId))
        expect(new Set(read.map(({ state_checksum }) => state_checksum)).size).toBe(1)
        await api(round + 2).request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
        const gone = await everywhere((at) => at.request(`/api/sessions/${ada.sessionId}`))
        expect(gone.map(({ status, body: { context } }) => [status, context.expired])).toEqual(
          servers.all.map(() => [404, true]),
        )
      }
    },
    TIMEOUT_MS,
  )

  test(
    'put simultaneous requests to several of them in one order, with one outcome',
    async () => {
      await start()
      const ada = await api(0).create()
      const people = await everywhere((at, node) => at.join(ada.sessionId, `Bob ${node}`))
      for (let round = 0; round < ROUNDS; round += 1) {
        const started = await everywhere((at) =>
          at.post(`/api/sessions/${ada.sessionId}/start`, { by: ada, body: { title: `Story ${round}` } }),
        )
        expect(statuses(started)).toEqual([200, 400, 400])
        await everywhere((at, node) =>
          at.command(people[node] ?? ada, 'vote', { vote: String([1, 2, 3][node]) }),
        )
        const revealed = await everywhere((at) =>
          at.post(`/api/sessions/${ada.sessionId}/reveal`, { by: ada }),
        )
        expect(statuses(revealed)).toEqual([200, 400, 400])
        expect(revealed.find(({ status }) => status === 200)?.body.statistics.total_votes).toBe(NODES)
        expect((await states(ada.sessionId)).size).toBe(1)
      }
    },
    TIMEOUT_MS,
  )

  test(
    'keep the cap on sessions, and one session per room, whoever asks at the same instant',
    async () => {
      await start({ MAX_SESSIONS: '10' })
      const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
      const inRoom = await everywhere((at) => at.post('/api/sessions', { body: { ...body, room: 'blue' } }))
      expect(statuses(inRoom)).toEqual([201, 409, 409])
      const made = inRoom.find(({ status }) => status === 201)?.body.session_id
      for (const { body: refused } of inRoom.filter(({ status }) => status === 409))
        expect([refused.error_code, refused.context.session_id]).toEqual(['ROOM_TAKEN', made])
      for (const { body: found } of await everywhere((at) => at.request('/api/rooms/blue')))
        expect(found.session.id).toBe(made)
      const asked = Array.from({ length: 30 }, (_, index) => api(index).post('/api/sessions', { body }))
      const answers = statuses(await Promise.all(asked))
      expect(answers).toEqual([...Array(9).fill(201), ...Array(21).fill(429)])
      // A place freed on one server is free on all of them.
      const end = {
        method: 'DELETE',
        by: {
          sessionId: made,
          userId: '',
          token: inRoom.find(({ status }) => status === 201)?.body.user_token,
        },
      }
      await api(0).request(`/api/sessions/${made}`, end)
      expect(
        statuses(await everywhere((at) => at.post('/api/sessions', { body: { ...body, room: 'blue' } }))),
      ).toEqual([201, 409, 409])
    },
    TIMEOUT_MS,
  )

  test(
    'carry out once what all of them are asked with one key, at the same instant and later',
    async () => {
      await start()
      for (let round = 0; round < ROUNDS / 3; round += 1) {
        const headers = { 'Idempotency-Key': randomUUID() }
        const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
        const create = (at: Api) => at.post('/api/sessions', { body, headers })
        const made = [...(await everywhere(create)), await create(api(round))]
        expect(statuses(made)).toEqual([201, 201, 201, 201])
        const tokens = new Set(
          made.map(({ body: { session_id, user_id, user_token } }) =>
            [session_id, user_id, user_token].join(),
          ),
        )
        expect(tokens.size).toBe(1)
        const id = made[0]?.body.session_id
        const join = (at: Api) =>
          at.post(`/api/sessions/${id}/join`, { body: { user_name: 'Bob', user_avatar: 'owl' }, headers })
        const joined = [...(await everywhere(join)), await join(api(round + 1))]
        expect(statuses(joined)).toEqual([201, 201, 201, 201])
        expect(new Set(joined.map(({ body: { user_id, user_token } }) => user_id + user_token)).size).toBe(1)
        expect((await api(2).session(id)).participants).toHaveLength(2)
      }
    },
    TIMEOUT_MS,
  )

  test(
    'bring every event to every stream once and in order, also when it moves to another server',
    async () => {
      await start()
      const ada = await api(0).create()
      const all = await everywhere((_at, node) => open(node, ada))
      await Promise.all(all.map((stream) => stream.untilType('session_updated')))
      const before = Number(all[0]?.frames.at(-1)?.id)
      for (let round = 0; round < 10; round += 1) {
        await api(round).command(ada, 'start')
        await api(round + 1).command(ada, 'vote', { vote: '3' })
        await api(round + 2).command(ada, 'reveal')
        await all[0]?.until(
          (stream) => stream.types.filter((type) => type === 'round_completed').length === round + 1,
        )
      }
      const { state_version: last } = all[0]?.frames.at(-1)?.data ?? {}
      for (const stream of all) {
        await stream.untilVersion(last)
        const ids = stream.events.map(({ id }) => Number(id))
        expect(ids).toEqual(Array.from({ length: last - before }, (_, index) => before + 1 + index))
      }
      for (let node = 0; node < NODES; node += 1) {
        const late = await open(node, ada, before + 5)
        await late.untilVersion(last)
        expect(late.frames).toEqual(all[0]?.events.filter(({ id }) => Number(id) > before + 5))
      }
    },
    TIMEOUT_MS,
  )

  test(
    'lose no event although they hear nothing of the others: they look for themselves',
    async () => {
      await start()
      const ada = await api(0).create()
      const stream = await open(1, ada)
      await stream.untilType('session_updated')
      await redis.ask('ACL', 'SETUSER', 'default', 'resetchannels')
      await redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
      const { lastVersion } = { lastVersion: async () => (await api(0).session(ada.sessionId)).state_version }
      // Nothing can be published any more: they may publish, lest the script fail, but not listen.
      await redis.ask('ACL', 'SETUSER', 'default', 'allchannels', '-ssubscribe')
      await api(0).command(ada, 'start')
      await api(2).command(ada, 'vote', { vote: '3' })
      await stream.untilVersion(await lastVersion())
      expect(stream.events.slice(-2).map(({ data }) => data.type)).toEqual([
        'voting_started',
        'vote_submitted',
      ])
    },
    TIMEOUT_MS,
  )

  test(
    'still hear of a session that they were told of before they had read all the existing ones',
    async () => {
      await start()
      const ada = await api(0).create()
      const stream = await open(1, ada)
      await stream.untilType('session_updated')
      await servers.server(1).services.supervisor.restore()
      await api(0).command(ada, 'start')
      await stream.untilType('voting_started')
    },
    TIMEOUT_MS,
  )

  test(
    'still hear of a session that was created while they looked for others',
    async () => {
      await start()
      const body = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox', room: 'blue' }
      expect((await api(0).post('/api/sessions', { body })).status).toBe(201)
      for (let round = 0; round < 20; round += 1) {
        // A server that refuses looks at what others have made, and finds what is being made here.
        const refused = [1, 2, 3].map(() => api(0).post('/api/sessions', { body }))
        const ada = await api(0).create()
        expect(statuses(await Promise.all(refused))).toEqual([409, 409, 409])
        const stream = await open(0, ada)
        await stream.untilType('session_updated')
        await api(1).join(ada.sessionId)
        await stream.untilType('user_joined')
        stream.close()
      }
    },
    TIMEOUT_MS,
  )

  test(
    'fire every timer once, whichever of them is watched',
    async () => {
      await start()
      const ada = await api(0).create()
      const stream = await open(2, ada)
      await stream.untilType('session_updated')
      for (let round = 1; round <= 10; round += 1) {
        await api(1).command(ada, 'start')
        await api(1).command(ada, 'reveal')
        await stream.until(({ types }) => types.filter((type) => type === 'round_completed').length === round)
      }
      const key = keysOf(ada.sessionId as SessionId).log
      const ticks = (await redis.textOf(key)).split('tick').length - 1
      expect(stream.types.filter((type) => type === 'round_completed')).toHaveLength(10)
      // Now and then two of them propose it at the same instant, which changes nothing.
      expect(ticks).toBeLessThanOrEqual(15)
      expect((await states(ada.sessionId)).size).toBe(1)
    },
    TIMEOUT_MS,
  )

  test(
    'count presence across all of them: reloading on another server makes no event',
    async () => {
      await start({ DISCONNECT_DEBOUNCE_SECONDS: '0.3' })
      const ada = await api(0).create()
      const bob = await api(1).join(ada.sessionId)
      const watcher = await open(0, ada)
      await watcher.untilType('session_updated')
      let tab = await open(0, bob)
      for (let reload = 1; reload < 20; reload += 1) {
        tab.close()
        tab = await open(reload, bob)
      }
      const other = await open(1, bob)
      tab.close()
      await api(0).command(ada, 'start')
      await watcher.untilType('voting_started')
      other.close()
      await watcher.untilType('user_disconnected')
      expect(watcher.types.filter((type) => type.startsWith('user_'))).toEqual(['user_disconnected'])
    },
    TIMEOUT_MS,
  )

  test(
    'correct it when one of them is wrongly believed dead: nobody there is away',
    async () => {
      await start({ DISCONNECT_DEBOUNCE_SECONDS: '0.3' })
      const ada = await api(0).create()
      const watcher = await open(0, ada)
      await open(1, ada)
      const node = servers.server(1).services.commandLog.node
      const [host] = servers.server(2).services.supervisor.sessions()
      const lost = { type: 'node.lost', at: Date.now(), node, returnMs: 100 } as const
      host?.propose(lost as Parameters<typeof host.propose>[0])
      const streamsOf = async () => {
        await states(ada.sessionId)
        return host?.snapshot.context.participants[0]?.streams.find((level) => level.node === node)?.open
      }
      for (let told = 0; told < 2; ) if ((await streamsOf()) === 1) told += 1
      expect(watcher.types).not.toContain('user_disconnected')
    },
    TIMEOUT_MS,
  )

  test(
    'rewrite what Redis has lost, once, and continue',
    async () => {
      // Without a timer nothing is written between the rounds that some of them have not read.
      await start({ REVEAL_SECONDS: '0' })
      const ada = await api(0).create()
      const stream = await open(1, ada)
      await stream.untilType('session_updated')
      // All of them have read that the stream is open.
      const streamsAt = ({ services }: InProcess) =>
        [...services.supervisor.sessions()][0]?.snapshot.context.participants[0]?.streams.length
      while (servers.all.some((server) => streamsAt(server) !== 1)) await states(ada.sessionId)
      for (let round = 0; round < 5; round += 1) {
        await redis.ask('FLUSHALL')
        const started = await everywhere((at) => at.post(`/api/sessions/${ada.sessionId}/start`, { by: ada }))
        expect(statuses(started)).toEqual([200, 400, 400])
        await api(round).command(ada, 'reveal')
        await stream.until(
          ({ types }) => types.filter((type) => type === 'round_completed').length === round + 1,
        )
        expect((await states(ada.sessionId)).size).toBe(1)
      }
      const ids = stream.events.map(({ id }) => Number(id))
      expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index))
    },
    TIMEOUT_MS,
  )

  test(
    'continue from a log that was rolled back and written to: versions jump once, and everybody gets the whole state',
    async () => {
      await start()
      const ada = await api(0).create()
      const all = await everywhere((_at, node) => open(node, ada))
      await Promise.all(all.map((stream) => stream.untilType('session_updated')))
      const { log } = keysOf(ada.sessionId as SessionId)
      const early = await redis.ask('XRANGE', log, '-', '+')
      const entries = Array.isArray(early) ? early : []
      await api(1).command(ada, 'start')
      await api(2).command(ada, 'vote', { vote: '8' })
      const shown = (await api(0).session(ada.sessionId)).state_version
      await Promise.all(all.map((stream) => stream.untilVersion(shown)))
      // As after a failover to a copy that was behind, to which somebody else has written.
      const last = String(entries.at(-1)?.[0])
      const [ms, seq] = last.split('-').map(Number)
      const foreign = [`${ms ?? 0}-${(seq ?? 0) + 1}`, 'n', 'other.1', 'c']
      const extend = { v: 1, command: { type: 'session.extend', by: ada.userId } }
      const add = (words: readonly string[]) => ['XADD', log, ...words]
      await redis.inOneGo([
        ['DEL', log],
        ...entries.map(([id, fields]: [string, string[]]) => add([id, ...fields])),
        add([...foreign, JSON.stringify(extend)]),
        ['PEXPIRE', log, '100000'],
      ])
      for (const stream of all) await stream.untilType('state_sync_required')
      for (const stream of all) {
        const told = stream.frames.filter(({ data }) => data.type === 'state_sync_required')
        expect(told.at(-1)?.data.data.reason).toBe('log_forked')
        expect(told.at(-1)?.data.state_version).toBeGreaterThan(shown)
      }
      const after = await api(0).session(ada.sessionId)
      expect([after.state_version > shown, after.status]).toEqual([true, 'waiting'])
      expect((await states(ada.sessionId)).size).toBe(1)
      await api(1).command(ada, 'start')
      const late = await open(2, ada, shown)
      await late.untilType('state_sync_required')
      expect((await states(ada.sessionId)).size).toBe(1)
    },
    TIMEOUT_MS,
  )
})
