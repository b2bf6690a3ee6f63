import { type BuiltServer, startBuiltServer } from './built-server.js'
import { type Certificate, selfSignedCertificate } from './certificate.js'
import { type FrontProxy, freePort, HOST, type ProxyName, startFrontProxy } from './front-proxy.js'
import { Http2Api } from './http2-api.js'
import { program } from './programs.js'

/** A server behind a real proxy, and clients that come through it. */
export class BehindProxy {
  readonly #name: ProxyName
  readonly #program: string
  readonly #settings: Record<string, string>
  readonly #clients: Http2Api[] = []
  #running: { server: BuiltServer; proxy: FrontProxy; certificate: Certificate; port: number } | null = null

  private constructor(name: ProxyName, path: string, settings: Record<string, string>) {
    this.#name = name
    this.#program = path
    this.#settings = settings
  }

  /** For the tests of one `describe`, whose hooks start and stop it. `null` if a program is missing. */
  static forTests(name: ProxyName, settings: Record<string, string>): BehindProxy | null {
    const path = program(name)
    if (path === null || program('openssl') === null) return null
    const stand = new BehindProxy(name, path, { TRUST_PROXY: '1', ...settings })
    beforeAll(() => stand.#start())
    afterEach(() => stand.hangUp())
    afterAll(() => stand.#stop())
    return stand
  }

  get proxy(): FrontProxy {
    return this.#up.proxy
  }

  get certFile(): string {
    return this.#up.certificate.certFile
  }

  /** A browser's one connection, from a loopback address of its own if one is given. */
  async client(from = '127.0.0.1'): Promise<Http2Api> {
    const api = await Http2Api.connect({ host: HOST, port: this.proxy.port, certFile: this.certFile, from })
    this.#clients.push(api)
    return api
  }

  async hangUp(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((api) => api.close()))
  }

  /** Until the returned function is called there is no server behind the proxy. */
  async takeServerAway(): Promise<() => Promise<void>> {
    const up = this.#up
    await up.server.stop()
    return async () => {
      up.server = await this.#startServer(up.port)
    }
  }

  get #up() {
    if (this.#running === null) throw new Error('it is not started')
    return this.#running
  }

  async #start(): Promise<void> {
    const certificate = selfSignedCertificate(HOST)
    const port = await freePort()
    const server = await this.#startServer(port)
    try {
      const proxy = await startFrontProxy(this.#name, this.#program, { upstreamPorts: [port], certificate })
      this.#running = { server, proxy, certificate, port }
    } catch (error) {
      await server.stop()
      certificate.remove()
      throw error
    }
  }

  #startServer(port: number): Promise<BuiltServer> {
    return startBuiltServer({ ...this.#settings, PORT: String(port) })
  }

  async #stop(): Promise<void> {
    if (this.#running === null) return
    const { server, proxy, certificate } = this.#running
    await proxy.stop()
    await server.stop()
    certificate.remove()
  }
}
