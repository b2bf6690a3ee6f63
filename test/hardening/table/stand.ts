import { execFileSync } from 'node:child_process'
import { Api } from '../../support/api.js'
import { type BuiltServer, startBuiltServer } from '../../support/built-server.js'
import { type Certificate, selfSignedCertificate } from '../../support/certificate.js'
import { type FrontProxy, HOST, type ProxyName, startFrontProxy } from '../../support/front-proxy.js'
import { program } from '../../support/programs.js'
import type { Door } from '../../support/raw-exchange.js'
import type { Attack } from './attack.js'
import { Honest } from './honest.js'
import { type Cells, judge, type Seen } from './judge.js'
import { LOOKED_INTO, ProcessGauge } from './process-gauge.js'
import { Target } from './target.js'

/** How a client reaches the server: directly, or through a proxy with the shipped file. */
export type Way = 'plain' | ProxyName

export interface StandOptions {
  readonly way: Way
  readonly environment?: Readonly<Record<string, string>>
  readonly descriptorsMax?: number
  /** The factor by which others may be slower than on an idle machine. */
  readonly slack?: number
}

/** How long the server has to give back what an attack took. */
const BACK_MS_MAX = 12_000

/** A server with the defaults, an honest team that plays, and what is needed to see what an attack costs. */
export class Stand {
  readonly #way: Way
  readonly #slack: number
  readonly #server: BuiltServer
  readonly #gauge: ProcessGauge
  readonly #front: Front | null
  readonly #honest: Honest
  #attacks = 0

  private constructor(
    { way, slack = 1 }: StandOptions,
    parts: { server: BuiltServer; gauge: ProcessGauge; front: Front | null; honest: Honest },
  ) {
    this.#way = way
    this.#slack = slack
    this.#server = parts.server
    this.#gauge = parts.gauge
    this.#front = parts.front
    this.#honest = parts.honest
  }

  static async start(options: StandOptions): Promise<Stand> {
    const { way, environment = {}, descriptorsMax } = options
    const server = await startBuiltServer({
      ...LOOKED_INTO,
      ...(way === 'plain' ? {} : { TRUST_PROXY: '1' }),
      ...environment,
    })
    if (descriptorsMax !== undefined) {
      execFileSync('prlimit', [`--nofile=${descriptorsMax}`, '--pid', String(server.process.pid)])
    }
    const gauge = await ProcessGauge.of(server)
    const front = way === 'plain' ? null : await frontOf(way, portOf(server))
    const honest = await Honest.start(doorOf(server, front, '127.0.0.1'))
    const stand = new Stand(options, { server, gauge, front, honest })
    await stand.#warmUp()
    return stand
  }

  /** What one attack cost, in every respect. */
  async suffer(attack: Attack, forMs: number): Promise<Cells> {
    this.#attacks += 1
    const from = `127.0.${1 + (this.#attacks >> 7)}.${1 + (this.#attacks & 127)}`
    const before = { ...(await this.#gauge.holdings()), places: await this.#places() }
    this.#gauge.forgetPeak()
    this.#gauge.forgetWaiting()
    const { sessionId } = await this.#honest.play()
    const target = new Target({ door: doorOf(this.#server, this.#front, from), forMs, sessionId })
    const broken: string[] = []
    await attack.launch(target).catch((error: unknown) => broken.push(String(error)))
    await target.wait()
    const peakMib = this.#gauge.peakMib
    await target.leave()
    const honest = await this.#honest.end()
    const stretch = this.#gauge.stretch
    if (this.#way === 'plain') broken.push(...target.failures)
    return this.#settled({
      before,
      peakMib,
      honest,
      broken,
      slack: this.#slack,
      stretch,
      isPooled: this.#way !== 'plain',
    })
  }

  async stop(): Promise<void> {
    await this.#honest.stop()
    this.#gauge.close()
    await this.#front?.proxy.stop()
    this.#front?.certificate.remove()
    await this.#server.stop()
  }

  /** Compiled code and filled pools are no attack's doing. */
  async #warmUp(): Promise<void> {
    await this.#honest.play()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await this.#honest.end()
  }

  /** Judges as soon as everything is back, and at the latest when time is up. */
  async #settled(seen: Omit<Seen, 'after'>): Promise<Cells> {
    const limit = performance.now() + BACK_MS_MAX
    for (;;) {
      const after = { ...(await this.#gauge.holdings()), places: await this.#places() }
      const cells = judge({ ...seen, after })
      const isBack = cells.memory.isHeld && cells.descriptors.isHeld && cells.places.isHeld
      if (isBack || performance.now() > limit) return cells
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** The number of streams and sessions. */
  async #places(): Promise<number> {
    const { text } = await new Api(this.#server.url).request('/metrics')
    const figures = text.matchAll(/^magnapp_(?:streams|sessions\{[^}]*\}) (\d+)/gm)
    return [...figures].reduce((sum, [, value]) => sum + Number(value), 0)
  }
}

interface Front {
  readonly proxy: FrontProxy
  readonly certificate: Certificate
}

async function frontOf(name: ProxyName, upstreamPort: number): Promise<Front> {
  const path = program(name)
  if (path === null) throw new Error(`${name} is not installed`)
  const certificate = selfSignedCertificate(HOST)
  return {
    certificate,
    proxy: await startFrontProxy(name, path, { upstreamPorts: [upstreamPort], certificate }),
  }
}

function portOf({ url }: BuiltServer): number {
  return Number(new URL(url).port)
}

function doorOf(server: BuiltServer, front: Front | null, from: string): Door {
  if (front === null) return { port: portOf(server), from }
  return { port: front.proxy.port, from, secure: { host: HOST, certFile: front.certificate.certFile } }
}
