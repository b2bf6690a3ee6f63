import { later, until } from './clients.js'
import type { NodesBehindNginx } from './nodes-behind-nginx.js'
import { PlayedTable } from './played-table.js'

/** Enough for each server to have some. */
const TABLES_MAX = 100
const LOOK_MS = 100

/** Teams that play behind nginx, each with its own address. */
export class PlayedTables {
  readonly #stand: NodesBehindNginx
  readonly #place: number
  readonly #homes = new Map<PlayedTable, number>()

  /** @param place - of the first team's address; the others follow */
  constructor(stand: NodesBehindNginx, place = 0) {
    this.#stand = stand
    this.#place = place
  }

  get all(): PlayedTable[] {
    return [...this.#homes.keys()]
  }

  /** The server on which a team started; it is asked again whenever it is there. */
  homeOf(table: PlayedTable): number {
    return this.#homes.get(table) ?? 0
  }

  /** One more team, which does not play yet. */
  async open(): Promise<PlayedTable> {
    const table = await PlayedTable.open(await this.#stand.client(this.#place + this.#homes.size))
    const servers = () => this.#stand.serversOf(table.sessionId)
    await until(() => servers().length > 0)
    this.#homes.set(table, servers()[0] ?? 0)
    return table
  }

  /** Opens teams until each server has one, and lets all of them play. @returns one team for each server */
  async playEverywhere(): Promise<PlayedTable[]> {
    const servers = [...this.#stand.nodes.keys()]
    const first = () =>
      servers.map((server) => this.all.find((table) => this.homeOf(table) === server)).filter(isThere)
    while (this.#homes.size < TABLES_MAX && first().length < servers.length) await this.open()
    for (const table of this.all) table.play()
    return first()
  }

  /** Until each has played this many more rounds. */
  async untilPlayed(rounds: number): Promise<void> {
    await Promise.all(this.all.map((table) => table.untilPlayed(rounds)))
  }

  /** Until the proxy has noticed that the server is there again. */
  async untilAsked(node: number): Promise<void> {
    while (!this.#stand.isAsked(node)) {
      await Promise.all(this.all.map((table) => table.look()))
      await later(LOOK_MS)
    }
  }

  /** Stops each after its current round. */
  async stop(): Promise<void> {
    await Promise.all(this.all.map((table) => table.stop()))
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((table) => table.close()))
    this.#homes.clear()
  }

  /** What they were told is what these servers have. @param isUnbroken - they were served without a break */
  async expectToAgreeWith(nodes: readonly number[], isUnbroken = true): Promise<void> {
    for (const node of nodes)
      for (const table of this.all) await table.expectToAgreeWith(this.#stand.at(node), isUnbroken)
  }
}

function isThere(table: PlayedTable | undefined): table is PlayedTable {
  return table !== undefined
}
