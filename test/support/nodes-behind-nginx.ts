import { Api } from './api.js'
import { type BuiltServer, startBuiltServer } from './built-server.js'
import { type Certificate, selfSignedCertificate } from './certificate.js'
import { type FrontProxy, freePort, HOST, startFrontProxy } from './front-proxy.js'
import { Http2Api } from './http2-api.js'
import { program } from './programs.js'
import { REDIS, RedisServer } from './redis-server.js'

interface Node {
  readonly port: number
  server: BuiltServer
  /** What earlier servers at this port have written. */
  earlier: string
}

/** Several servers on one Redis behind nginx, and clients that come through it. */
export class NodesBehindNginx {
  readonly nodes: Node[] = []
  readonly #count: number
  readonly #settings: Record<string, string>
  readonly #clients: Http2Api[] = []
  readonly #certificate: Certificate
  readonly #redis: RedisServer
  #proxy: FrontProxy | null = null

  private constructor(count: number, redis: RedisServer, settings: Record<string, string>) {
    this.#count = count
    this.#redis = redis
    this.#certificate = selfSignedCertificate(HOST)
    this.#settings = { TRUST_PROXY: '1', COMMAND_LOG: redis.url, ...settings }
  }

  /** `describe` if everything it needs is there; `describe.skip` otherwise. */
  static describe(): jest.Describe {
    const programs = [program('nginx'), program('openssl'), REDIS]
    return programs.includes(null) ? describe.skip : describe
  }

  static async start(count: number, settings: Record<string, string>): Promise<NodesBehindNginx> {
    const stand = new NodesBehindNginx(count, await RedisServer.start(), settings)
    try {
      await stand.#start()
      return stand
    } catch (error) {
      await stand.stop()
      throw error
    }
  }

  /** Where browsers find them, provided {@link HOST} resolves to this machine. */
  get url(): string {
    return `https://${HOST}:${this.#proxy?.port}`
  }

  /** A browser's one connection, through the proxy. @param place - determines its address; 1 to 250 */
  async client(place: number): Promise<Http2Api> {
    const port = this.#proxy?.port ?? 0
    const from = `127.0.0.${place + 1}`
    const api = await Http2Api.connect({ host: HOST, port, certFile: this.#certificate.certFile, from })
    this.#clients.push(api)
    return api
  }

  /** Which of them have answered requests that name a session. */
  serversOf(sessionId: string): number[] {
    const have = (node: number) => this.logOf(node).includes(`/${sessionId}`)
    return [...this.nodes.keys()].filter(have)
  }

  /** Whether the one that runs there now has answered requests that name a session. */
  isAsked(node: number): boolean {
    return /"path":"\/api\/sessions\/./.test(this.#node(node).server.output())
  }

  /** Talks to one of them directly, bypassing the proxy. */
  at(node: number): Api {
    return new Api(this.#node(node).server.url)
  }

  async kill(node: number): Promise<void> {
    await this.#node(node).server.stop('SIGKILL')
  }

  /**
   * Ends one properly and starts another in its place.
   * @param entry - of its release; default: the built one
   */
  async replace(node: number, entry?: string): Promise<void> {
    const it = this.#node(node)
    expect(await it.server.stop('SIGTERM')).toBe(0)
    it.earlier += it.server.output()
    it.server = await this.#startServer(it.port, entry)
  }

  /** What all servers that ran there have written, in whole lines. */
  logOf(node: number): string {
    const { earlier, server } = this.#node(node)
    const text = earlier + server.output()
    return text.slice(0, text.lastIndexOf('\n') + 1)
  }

  /** The semantics with which a session is carried out, according to its log. */
  async semanticsOf(sessionId: string): Promise<number> {
    const key = (await this.#redis.keys()).find((name) => name.endsWith(`${sessionId}:log`)) ?? ''
    const semantics = /\\"semantics\\":(\d+)/.exec(await this.#redis.textOf(key))?.[1]
    return Number(semantics)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((api) => api.close()))
    await this.#proxy?.stop()
    await Promise.all(this.nodes.map(({ server }) => server.stop('SIGKILL')))
    await this.#redis.stop()
    this.#certificate.remove()
  }

  #node(node: number): Node {
    const it = this.nodes[node]
    if (it === undefined) throw new Error(`there is no server ${node}`)
    return it
  }

  async #start(): Promise<void> {
    while (this.nodes.length < this.#count) {
      const port = await freePort()
      this.nodes.push({ port, server: await this.#startServer(port), earlier: '' })
    }
    const upstreamPorts = this.nodes.map(({ port }) => port)
    const certificate = this.#certificate
    this.#proxy = await startFrontProxy('nginx', program('nginx') ?? 'nginx', { upstreamPorts, certificate })
  }

  #startServer(port: number, entry?: string): Promise<BuiltServer> {
    return startBuiltServer({ ...this.#settings, PORT: String(port) }, [], entry)
  }
}
