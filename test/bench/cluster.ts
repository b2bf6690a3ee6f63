import { type BenchRedis, startRedis } from './redis.js'
import { type PinnedServer, SERVERS, type ServerName, type ServerOptions, startPinned } from './servers.js'

/** One server, or several that share a Redis. */
export interface Cluster {
  readonly name: ServerName
  readonly first: PinnedServer
  /** Including the first. */
  readonly servers: readonly PinnedServer[]
  /** `null` with sessions in memory. */
  readonly redis: BenchRedis | null
  stop(): Promise<void>
}

export interface ClusterOptions extends ServerOptions {
  readonly redisCore: number
}

/**
 * Starts what a name stands for. All servers share one core, so that the cost of another one shows; Redis
 * shares the load client's core.
 */
export async function startCluster(name: ServerName, options: ClusterOptions): Promise<Cluster> {
  const { nodes } = SERVERS[name]
  const redis = nodes === undefined ? null : await startRedis(options.redisCore)
  const own = redis === null ? options : { ...options, commandLog: redis.url }
  const first = await startPinned(name, own)
  const servers = [first]
  while (servers.length < (nodes ?? 1)) servers.push(await startPinned(name, own))
  return {
    name,
    first,
    servers,
    redis,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()))
      await redis?.stop()
    },
  }
}
