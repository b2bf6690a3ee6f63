import { SEMANTICS } from '../../machines/session/semantics.js'
import type { RouteDefinition } from '../../src/wire/route-definition.js'
import { ROUTE_NAMES, ROUTES, type RouteName } from '../../src/wire/routes.js'
import type { Api, Person } from '../support/api.js'
import { later } from '../support/clients.js'
import { type LogLine, logLines } from '../support/log-lines.js'
import { NEXT_NAME, NEXT_SEMANTICS, nextRelease, type Release } from '../support/next-release.js'
import { NodesBehindNginx } from '../support/nodes-behind-nginx.js'
import type { PlayedTable } from '../support/played-table.js'
import { PlayedTables } from '../support/played-tables.js'
import { TestStream } from '../support/sse.js'

/*
 * An upgrade, server by server, and the way back: this release and the next one on one Redis. The next one
 * carries out what this one does, and also what it makes itself when no others are there: this one leaves
 * that alone.
 */

const NODES = [0, 1, 2]
const TIMEOUT_MS = 180_000
const LOOK_MS = 100
/** Addresses of those who come when all servers are the next release. */
const LATER_PLACE = 100

const SETTINGS = { RATE_LIMITING: 'false', MAX_SESSIONS: '300', MAX_STREAMS_PER_ADDRESS: '100' }

/** Why a session is not carried out. */
const LEFT_ALONE = `this release does not serve semantics ${NEXT_SEMANTICS}`

/** Log lines. */
const FAULTS = new Set([
  'session ended',
  'session actor failed',
  'session actor restarted',
  'session actor given up',
  'request failed',
])

const OF_A_SESSION = ROUTE_NAMES.filter((name) => ROUTES[name].path.includes('{session_id}'))

NodesBehindNginx.describe()('servers of this release and of the next one, on one Redis behind nginx', () => {
  let stand: NodesBehindNginx
  let next: Release
  /** Those that were there before the upgrade. */
  let tables: PlayedTables
  /** Those that started when all servers were the next release. */
  let laterTables: PlayedTables

  beforeEach(async () => {
    next = nextRelease()
    stand = await NodesBehindNginx.start(NODES.length, SETTINGS)
    tables = new PlayedTables(stand)
    laterTables = new PlayedTables(stand, LATER_PLACE)
  }, TIMEOUT_MS)

  afterEach(async () => {
    await Promise.all([tables.close(), laterTables.close()])
    await stand.stop()
    next.remove()
  }, TIMEOUT_MS)

  /**
   * Replaces a server, and waits until it serves the players.
   * @param entry - of its release; default: this one
   */
  async function replace(node: number, entry?: string): Promise<void> {
    await expectNoFault(node)
    await stand.replace(node, entry)
    await tables.untilAsked(node)
    await tables.untilPlayed(2)
  }

  /** The semantics of a session that a server makes now. */
  async function semanticsMadeAt(node: number): Promise<number> {
    return stand.semanticsOf((await stand.at(node).create()).sessionId)
  }

  /** Waits until the server knows who runs beside it, which takes a moment. */
  async function untilMadeAt(node: number, semantics: number): Promise<void> {
    while ((await semanticsMadeAt(node)) !== semantics) await later(LOOK_MS)
  }

  /** No session differs anywhere. A server that missed entries, as when suspended, has reloaded them. */
  async function expectNoFault(node: number): Promise<void> {
    const { text } = await stand.at(node).request('/metrics')
    for (const reason of ['diverged', 'forked', 'other_release'])
      expect(text).toContain(`magnapp_log_reloads_total{reason="${reason}"} 0\n`)
    expect(logLines(stand.logOf(node)).filter(isFault)).toEqual([])
  }

  /** Whoever asks this server for such a session gets no state, of this release or of none. */
  async function expectLeftAlone(node: number, { leader }: PlayedTable): Promise<void> {
    const api = stand.at(node)
    for (const name of OF_A_SESSION) {
      if (name === 'stream') continue
      const { status, headers, body } = await ask(api, name, leader)
      expect([name, status, headers.get('retry-after'), body.error_code]).toEqual([
        name,
        503,
        '5',
        'SERVICE_UNAVAILABLE',
      ])
    }
    const { sessionId, token } = leader
    const stream = await new TestStream(api.url, sessionId, { token }).untilClosed()
    expect([stream.status, stream.retry, stream.frames]).toEqual([200, 2_000, []])
    expect((await api.request('/api/sessions')).text).not.toContain(sessionId)
  }

  test(
    'take turns, both ways: players continue, and a session that a server does not support is left alone',
    async () => {
      await tables.playEverywhere()
      for (const node of NODES) {
        await replace(node, next.entry)
        const isMixed = node !== NODES.at(-1)
        if (isMixed) for (const at of NODES) expect(await semanticsMadeAt(at)).toBe(SEMANTICS.max)
      }
      for (const node of NODES) await untilMadeAt(node, NEXT_SEMANTICS)

      const [table] = await laterTables.playEverywhere()
      if (table === undefined) throw new Error('no table')
      await laterTables.untilPlayed(2)
      expect(await stand.semanticsOf(table.sessionId)).toBe(NEXT_SEMANTICS)
      const room = { room: 'blue' }
      await stand.at(0).create('Sprint', 'Ada', room)

      await replace(0)
      for (const node of NODES) await untilMadeAt(node, SEMANTICS.max)
      await expectLeftAlone(0, table)
      expect((await stand.at(0).request('/api/rooms/blue')).status).toBe(503)
      const body = { name: 'Sprint', creator_name: 'Eve', creator_avatar: 'owl', ...room }
      const { status, body: refused } = await stand.at(0).post('/api/sessions', { body })
      expect([status, refused.error_code]).toEqual([409, 'ROOM_TAKEN'])
      const elsewhere = laterTables.all.filter((each) => laterTables.homeOf(each) !== 0)
      await Promise.all(elsewhere.map((each) => each.untilPlayed(2)))

      for (const node of NODES.slice(1)) await replace(node)
      for (const node of NODES) await expectLeftAlone(node, table)
      for (const node of NODES) await replace(node, next.entry)
      await laterTables.untilPlayed(2)

      await Promise.all([tables.stop(), laterTables.stop()])
      await tables.expectToAgreeWith(NODES)
      // For a while no server knew them; on a slow machine their people are away by then.
      await laterTables.expectToAgreeWith(NODES, false)
      for (const { sessionId } of laterTables.all)
        expect((await stand.at(0).session(sessionId)).name).toBe(`Sprint${NEXT_NAME}`)
      for (const { sessionId } of tables.all)
        expect((await stand.at(0).session(sessionId)).name).toBe('Sprint')
      for (const node of NODES) await expectNoFault(node)
    },
    TIMEOUT_MS,
  )
})

/** A request to this route for a session, whatever becomes of it. */
function ask(api: Api, name: RouteName, by: Person): ReturnType<Api['request']> {
  const { method, path, bodyMediaType }: RouteDefinition = ROUTES[name]
  const isRead = method === 'get'
  return api.request(path.replace('{session_id}', by.sessionId).replaceAll(/\{\w+\}/g, by.userId), {
    method: method.toUpperCase(),
    by,
    ...(isRead ? {} : { body: {} }),
    ...(bodyMediaType === undefined ? {} : { headers: { 'Content-Type': bodyMediaType } }),
  })
}

/** Whether a server reports something that must not happen, however slow this machine is. */
function isFault({ msg, err, status }: LogLine): boolean {
  switch (msg) {
    case 'session cannot be read':
      return err.message !== LEFT_ALONE
    case 'command log failed':
      return err.type !== 'OffTrackError'
    case 'request':
      return status === 500
    default:
      return FAULTS.has(msg)
  }
}
