import type { NodeId } from '../../../machines/ids.js'
import { SEMANTICS } from '../../../machines/session/semantics.js'
import type { Connection } from './connection.js'
import { NODES, nodeChannel } from './keys.js'
import { RENEW } from './scripts.js'

/** A process that has not renewed its lease for this long counts as dead, in milliseconds; a beat is 1 s. */
const LEASE_MS = 5_000
/** How long expired leases are remembered, in milliseconds. */
const KEPT_MS = 10 * 60_000

/** Every process renews a lease of its own, and sees whose has expired. */
export class Nodes {
  readonly #connection: Connection
  readonly #node: NodeId
  readonly #onLost: (node: NodeId, isKilled: boolean) => void
  #running: ReadonlySet<NodeId>
  #semantics: number = SEMANTICS.max
  /** Since when this process has heard of the others without a break, by its own clock. */
  #heardSince = 0
  #renewedAt = Number.NEGATIVE_INFINITY

  /** @param node - this process @param onLost - called once for each process that no longer runs */
  constructor(connection: Connection, node: NodeId, onLost: (node: NodeId, isKilled: boolean) => void) {
    this.#connection = connection
    this.#node = node
    this.#onLost = onLost
    this.#running = new Set([node])
  }

  /** The latest semantics that all of them support. */
  get semantics(): number {
    return this.#semantics
  }

  /** The processes whose lease was valid at the last look, and this one. */
  get running(): ReadonlySet<NodeId> {
    return this.#running
  }

  /** @throws when Redis does not answer */
  async renew(): Promise<void> {
    const askedAt = performance.now()
    if (askedAt - this.#renewedAt > LEASE_MS) this.#heardSince = askedAt
    this.#renewedAt = askedAt
    const { now, leases } = await this.#leases()
    const inTime = leases.filter(({ until }) => until > now)
    const running = new Set([this.#node, ...inTime.map(({ node }) => node)])
    const known = new Set(leases.map(({ node }) => node))
    this.#semantics = Math.min(SEMANTICS.max, ...inTime.map(({ semantics }) => semantics))
    const lost = [...this.#running].filter((node) => !running.has(node))
    // A process that was cut off together with this one has not had time to renew its lease.
    if (lost.length > 0 && askedAt - this.#heardSince < LEASE_MS) return
    this.#running = running
    for (const node of lost) this.#onLost(node, known.has(node))
  }

  /** This process is shutting down properly: the others need not wait until its lease expires. */
  async leave(): Promise<void> {
    await this.#connection.call('ZREM', NODES, this.#member)
  }

  get #member(): string {
    return `${this.#node} ${SEMANTICS.max}`
  }

  async #leases(): Promise<{ readonly now: number; readonly leases: readonly NodeLease[] }> {
    const words = [this.#member, String(LEASE_MS), String(KEPT_MS), nodeChannel(this.#node)]
    const reply = await this.#connection.run(RENEW, [NODES], words)
    const [now, pairs] = Array.isArray(reply) ? reply : []
    const leases: NodeLease[] = []
    for (let index = 0; index < (pairs?.length ?? 0); index += 2) {
      const [node, semantics] = String(pairs[index]).split(' ')
      leases.push({ node: node as NodeId, semantics: Number(semantics), until: Number(pairs[index + 1]) })
    }
    return { now: Number(now), leases }
  }
}

interface NodeLease {
  readonly node: NodeId
  /** The latest that it supports. */
  readonly semantics: number
  /** By Redis' clock. */
  readonly until: number
}
