import type { SessionId } from '../../machines/ids.js'
import { keysOf } from '../../src/log/redis/keys.js'
import type { Person } from '../support/api.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'
import type { TestStream } from '../support/sse.js'

/* Somebody's streams are on several servers, and move between them: their presence is told once. */

const NODES = 3
const TIMEOUT_MS = 60_000
const TABLES = 20

describeWithRedis('somebody whose streams are on several servers', () => {
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

  async function start(debounceSeconds: string): Promise<void> {
    for (let node = 0; node < NODES; node += 1)
      await servers.start(redis.url, { DISCONNECT_DEBOUNCE_SECONDS: debounceSeconds })
  }

  /** A session with a watcher who stays. */
  async function table(): Promise<{
    readonly ada: Person
    readonly bob: Person
    readonly watcher: TestStream
  }> {
    const ada = await servers.api(0).create()
    const bob = await servers.api(1).join(ada.sessionId)
    const watcher = await servers.open(0, ada)
    await watcher.untilType('session_updated')
    return { ada, bob, watcher }
  }

  /**
   * Until every server knows exactly these streams of somebody.
   * @returns whether they count as present there
   */
  async function untilKnown({ sessionId, userId }: Person, nodes: readonly number[]): Promise<boolean[]> {
    const expected = nodes.map((node) => servers.server(node).services.commandLog.node).sort()
    for (;;) {
      const known = (await servers.hosts(sessionId)).map(({ snapshot: { context } }) =>
        context.participants.find(({ id }) => id === userId),
      )
      const isKnown = known.every(
        (person) =>
          person?.streams.every(({ open }) => open === 1) === true &&
          `${person.streams.map(({ node }) => node).sort()}` === `${expected}`,
      )
      if (isKnown) return known.map((person) => person?.isOnline === true)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }

  const typesOf = (watcher: TestStream, type: string) => watcher.types.filter((other) => other === type)

  test(
    'reloads across all of them: the log is told where the streams are, and there is no event',
    async () => {
      await start('60')
      const { ada, bob, watcher } = await table()
      let tab = await servers.open(0, bob)
      await untilKnown(bob, [0])
      const { log } = keysOf(ada.sessionId as SessionId)
      const before = await redis.textOf(log)
      const { state_version: version } = await servers.api(0).session(ada.sessionId)
      for (let reload = 1; reload <= 100; reload += 1) {
        tab.close()
        tab = await servers.open(reload, bob)
      }
      await untilKnown(bob, [100 % NODES])
      expect((await servers.api(0).session(ada.sessionId)).state_version).toBe(version)
      const entries: [string, string[]][] = JSON.parse(await redis.textOf(log))
      const known = new Set(JSON.parse(before).map(([id]: [string]) => id))
      const types = entries
        .filter(([id]) => !known.has(id))
        .map(([, fields]) => JSON.parse(fields.at(-1) ?? '').command.type)
      expect(new Set(types)).toEqual(new Set(['presence.streams']))
      // A level that is the same again by its turn is not reported.
      expect(types.length).toBeLessThanOrEqual(200)
      await servers.api(1).command(ada, 'start')
      await watcher.untilType('voting_started')
      expect(watcher.types.filter((type) => type.startsWith('user_'))).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'closes the last two of them at once: they disconnect once',
    async () => {
      const rounds = 10
      await start('0.05')
      const play = async () => {
        const { bob, watcher } = await table()
        for (let round = 1; round <= rounds; round += 1) {
          const [one, other] = [round, round + 1]
          const tabs = await Promise.all([servers.open(one, bob), servers.open(other, bob)])
          await untilKnown(bob, [one, other])
          for (const tab of tabs) tab.close()
          await watcher.until((stream) => typesOf(stream, 'user_disconnected').length >= round)
        }
        await servers.open(0, bob)
        await watcher.until((stream) => typesOf(stream, 'user_joined').length >= rounds)
        expect(typesOf(watcher, 'user_disconnected')).toHaveLength(rounds)
        expect(typesOf(watcher, 'user_joined')).toHaveLength(rounds)
      }
      await Promise.all(Array.from({ length: TABLES }, play))
    },
    TIMEOUT_MS,
  )

  test(
    'opens one while the other closes, a thousand times: they are present in the end',
    async () => {
      const races = 1_000 / TABLES
      // Whoever closes their last one is away at once.
      await start('0')
      let away = 0
      const play = async (_: unknown, number: number) => {
        const { bob, watcher } = await table()
        let tab = await servers.open(number, bob)
        await untilKnown(bob, [number])
        for (let race = 1; race <= races; race += 1) {
          const node = number + race
          const isOpenedFirst = race % 2 === 0
          if (!isOpenedFirst) tab.close()
          const opening = servers.open(node, bob)
          if (isOpenedFirst) tab.close()
          tab = await opening
          expect(await untilKnown(bob, [node])).toEqual([true, true, true])
        }
        away += typesOf(watcher, 'user_disconnected').length
      }
      await Promise.all(Array.from({ length: TABLES }, play))
      // Some of them were close: otherwise the test would say nothing.
      expect(away).toBeGreaterThan(0)
    },
    TIMEOUT_MS,
  )
})
