import type { SessionId } from '../../machines/ids.js'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { ENDED, keysOf, LIVE } from '../../src/log/redis/keys.js'
import { createLogger } from '../../src/platform/logger.js'
import type { InProcess } from '../support/in-process.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { ServersOnRedis } from '../support/servers-on-redis.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { create, replicaOf } from './contract.js'

/*
 * What is over stays over, even for those who did not hear of it.
 */

const TIMEOUT_MS = 60_000
const BODY = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }

const logger = createLogger({ LOG_LEVEL: 'silent', DEBUG: false }, { now: () => 0 })

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

describeWithRedis('a session that is over', () => {
  let redis: RedisServer
  let servers: ServersOnRedis
  let proxy: TcpProxy

  beforeEach(async () => {
    redis = await RedisServer.start()
    proxy = await startTcpProxy(Number(new URL(redis.url).port))
    servers = new ServersOnRedis()
  }, TIMEOUT_MS)

  afterEach(async () => {
    await servers.stop()
    await proxy.close()
    await redis.stop()
  }, TIMEOUT_MS)

  /** Whether it is here, without asking the log. */
  const isHere = ({ services }: InProcess, id: string) =>
    services.supervisor.find(id as SessionId) !== undefined

  test(
    'is not brought back by a server that was cut off for longer than its log was kept',
    async () => {
      await servers.start(redis.url)
      await servers.start(`redis://127.0.0.1:${proxy.port}`)
      const [api, behind, two] = [servers.api(0), servers.api(1), servers.server(1)]
      const ada = await api.create()
      const made = await api.post('/api/sessions', { body: { ...BODY, room: 'blue' } })
      const id: string = made.body.session_id
      await until(() => isHere(two, id) && isHere(two, ada.sessionId))
      proxy.partition(true)
      await until(() => !two.services.commandLog.isAvailable)
      const by = { sessionId: id, userId: '', token: made.body.user_token }
      expect((await api.request(`/api/sessions/${id}`, { method: 'DELETE', by })).status).toBe(200)
      await until(async () => (await redis.ask('ZSCORE', ENDED, id)) !== null)
      const { log, snap } = keysOf(id as SessionId)
      await redis.ask('DEL', log, snap)
      proxy.restore()
      await until(() => two.services.commandLog.isAvailable && !isHere(two, id))
      expect((await behind.request(`/api/sessions/${id}`)).status).toBe(404)
      expect(await redis.ask('ZSCORE', LIVE, id)).toBeNull()
      expect(await redis.ask('EXISTS', log, snap)).toBe(0)
      for (const at of [api, behind]) expect((await at.session(ada.sessionId)).id).toBe(ada.sessionId)
      expect((await api.post('/api/sessions', { body: { ...BODY, room: 'blue' } })).status).toBe(201)
    },
    TIMEOUT_MS,
  )

  test(
    'and is buried while Redis is suspended is not read again by the server that buried it',
    async () => {
      const log = await RedisLog.open({ url: redis.url, logger })
      const id = 'one' as SessionId
      await create(log, id)
      await redis.signal('SIGSTOP')
      const loading = log.load(id, replicaOf)
      log.end(id)
      await redis.signal('SIGCONT')
      expect(await loading).toBe(false)
      await log.close()
    },
    TIMEOUT_MS,
  )
})
