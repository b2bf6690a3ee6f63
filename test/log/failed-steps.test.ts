import type { SessionMachine } from '../../machines/session/machine.js'
import { stateJson } from '../../src/sync/state-digest.js'
import type { Api, Person } from '../support/api.js'
import { later } from '../support/clients.js'
import { type Fuse, fragile, fragileIn } from '../support/fragile-chart.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'

/* Steps that fail on one server, or on every one: all of them go on from the same state. */

const TIMEOUT_MS = 60_000
/** A session whose actor fails once more often than this in a minute is given up. */
const RESTARTS_MAX = 3

describeWithRedis('a step that fails', () => {
  let redis: RedisServer
  let servers: ServersOnRedis

  beforeEach(async () => {
    redis = await RedisServer.start()
    servers = new ServersOnRedis()
  }, TIMEOUT_MS)

  afterEach(async () => {
    await servers.stop()
    await redis.stop()
  }, TIMEOUT_MS)

  async function start(...machines: readonly (SessionMachine | undefined)[]): Promise<void> {
    for (const machine of machines) await servers.start(redis.url, {}, machine)
  }

  async function reloadsOf(node: number): Promise<number> {
    const { text } = await servers.api(node).request('/metrics')
    return Number(/magnapp_log_reloads_total\{reason="diverged"\} (\d+)/.exec(text)?.[1])
  }

  async function untilReloaded(node: number, times: number): Promise<void> {
    while ((await reloadsOf(node)) < times) await later(10)
  }

  async function expectTheSameEverywhere({ sessionId }: Person): Promise<void> {
    const [first, ...others] = (await servers.hosts(sessionId)).map(({ snapshot }) => stateJson(snapshot))
    for (const other of others) expect(other).toBe(first)
  }

  const extend = async (api: Api, by: Person) =>
    (await api.request(`/api/sessions/${by.sessionId}/extend`, { method: 'POST', by })).status

  test(
    'on one server takes effect there too: what another has acknowledged is neither lost nor numbered twice',
    async () => {
      const { machine, fuse } = fragile('castVote')
      await start(machine, undefined)
      const [faulty, sound] = [servers.api(0), servers.api(1)]
      const ada = await sound.create()
      const streams = [await servers.open(0, ada), await servers.open(1, ada)]
      await sound.command(ada, 'start')
      await Promise.all(streams.map((stream) => stream.untilType('voting_started')))
      fuse.isLit = true
      await sound.command(ada, 'vote', { vote: '5' })
      await untilReloaded(0, 1)
      await expectTheSameEverywhere(ada)
      await faulty.command(ada, 'reveal')
      await Promise.all(streams.map((stream) => stream.untilType('votes_revealed')))
      const [first, second] = streams.map(({ events }) => events.map(({ id, data }) => [id, data.type]))
      expect(first).toEqual(second)
      expect(streams[0]?.types).toContain('error_recovery_needed')
      expect((await faulty.session(ada.sessionId)).current_round.statistics.average).toBe(5)
      expect([await reloadsOf(0), await reloadsOf(1)]).toEqual([1, 0])
    },
    TIMEOUT_MS,
  )

  test(
    'is, on the only server, what the next process makes of it',
    async () => {
      const { machine, fuse } = fragile('castVote')
      await start(machine)
      const api = servers.api(0)
      const ada = await api.create()
      await api.command(ada, 'start')
      fuse.isLit = true
      expect(
        (await api.post(`/api/sessions/${ada.sessionId}/vote`, { by: ada, body: { vote: '5' } })).status,
      ).toBe(500)
      await untilReloaded(0, 1)
      await api.command(ada, 'extend')
      await start(undefined)
      await expectTheSameEverywhere(ada)
    },
    TIMEOUT_MS,
  )

  test(
    'on every server is skipped by all of them, and the session continues',
    async () => {
      await start(fragileIn({ extend: ALWAYS }), fragileIn({ extend: ALWAYS }))
      const ada = await servers.api(0).create()
      await servers.open(0, ada)
      expect(await extend(servers.api(0), ada)).toBe(500)
      for (const node of [0, 1]) await untilReloaded(node, 1)
      await servers.api(1).command(ada, 'start')
      await servers.api(0).command(ada, 'vote', { vote: '5' })
      await expectTheSameEverywhere(ada)
      expect([await reloadsOf(0), await reloadsOf(1)]).toEqual([1, 1])
    },
    TIMEOUT_MS,
  )

  test(
    'when a lease lapses does not keep the streams open that it lapsed with',
    async () => {
      const { machine, fuse } = fragile('lapse')
      await servers.start(redis.url, { MOBILE_HEARTBEAT_INTERVAL: '1' }, machine)
      const api = servers.api(0)
      const ada = await api.create()
      const bob = await api.join(ada.sessionId)
      const [watcher, stream] = [await servers.open(0, ada), await servers.open(0, bob)]
      expect((await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: bob })).status).toBe(200)
      fuse.isLit = true
      await stream.untilClosed()
      await watcher.untilType('user_disconnected')
      const { participants } = await api.session(ada.sessionId)
      expect(participants.map(({ is_online }: { is_online: boolean }) => is_online)).toEqual([true, false])
      expect(await reloadsOf(0)).toBe(1)
    },
    TIMEOUT_MS,
  )

  test.each([
    ['one server', 1],
    ['every server', 2],
  ])(
    'on %s more than three times a minute ends the session on all of them',
    async (_where, faulty) => {
      const machines = Array.from({ length: 2 }, (_, node) =>
        node < faulty ? fragileIn({ extend: ALWAYS }) : undefined,
      )
      await start(...machines)
      const ada = await servers.api(0).create()
      const streams = [await servers.open(0, ada), await servers.open(1, ada)]
      for (let failure = 0; failure <= RESTARTS_MAX; failure += 1) {
        expect(await extend(servers.api(0), ada)).toBe(500)
        await untilReloaded(0, failure + 1)
      }
      for (const stream of streams) {
        await stream.untilClosed()
        const { type, data } = stream.frames.at(-1)?.data ?? {}
        expect([type, data.reason]).toEqual(['session_expired', 'failed'])
      }
      for (const node of [0, 1]) {
        const { body } = await servers.api(node).request(`/api/sessions/${ada.sessionId}`)
        expect([body.error_code, body.context.expired]).toEqual(['SESSION_NOT_FOUND', true])
      }
    },
    TIMEOUT_MS,
  )
})

/** Whatever it lights throws every time. */
const ALWAYS: Fuse = Object.defineProperty({ isLit: true }, 'isLit', { get: () => true, set: () => {} })
