import { Writable } from 'node:stream'
import { RedisLog } from '../../src/log/redis/command-log.js'
import { createLogger } from '../../src/platform/logger.js'
import { describeWithRedis, RedisServer } from '../support/redis-server.js'

describeWithRedis('a Redis without an append-only file', () => {
  test('causes a warning at startup', async () => {
    let lines = ''
    const destination = new Writable({
      write(chunk, _encoding, done) {
        lines += chunk
        done()
      },
    })
    const logger = createLogger({ LOG_LEVEL: 'info', DEBUG: false }, { now: () => 0 }, destination)
    for (const appendonly of ['no', 'yes']) {
      lines = ''
      const redis = await RedisServer.start(['--appendonly', appendonly])
      await (await RedisLog.open({ url: redis.url, logger })).close()
      expect([appendonly, lines.includes('no append-only file')]).toEqual([appendonly, appendonly === 'no'])
      await redis.stop()
    }
  })
})
