import { until } from '../support/clients.js'
import { NodesBehindNginx } from '../support/nodes-behind-nginx.js'
import type { PlayedTable } from '../support/played-table.js'
import { PlayedTables } from '../support/played-tables.js'

/*
 * Three servers on one Redis behind nginx, with the shipped file: a session's requests go to one of them, and
 * to another when that one is gone. Players see no more than a 503 that is gone at the next try.
 */

const NODES = 3
const TIMEOUT_MS = 180_000
/** Enough for each server to have some. */
const SESSIONS_MAX = 200

const SETTINGS = { RATE_LIMITING: 'false', MAX_SESSIONS: '300', MAX_STREAMS_PER_ADDRESS: '100' }

NodesBehindNginx.describe()('three servers behind nginx with the shipped file', () => {
  let stand: NodesBehindNginx
  let tables: PlayedTables

  beforeEach(async () => {
    stand = await NodesBehindNginx.start(NODES, SETTINGS)
    tables = new PlayedTables(stand)
  }, TIMEOUT_MS)

  afterEach(async () => {
    await tables.close()
    await stand.stop()
  }, TIMEOUT_MS)

  /** A participant whose stream is not reopened when it ends. */
  async function guestAt({ sessionId }: PlayedTable): Promise<string> {
    const api = await stand.client(SESSIONS_MAX)
    const guest = await api.join(sessionId, 'Guest')
    const stream = api.stream(sessionId, { token: guest.token })
    await until(() => stream.frames.length > 0)
    return guest.userId
  }

  /** Waits until the guest is known to be away: by then it would be known of everybody else. */
  async function expectOnlyGuestAway(table: PlayedTable, guest: string): Promise<void> {
    await until(() => table.streams.every(({ types }) => types.includes('user_disconnected')))
    for (const { streams } of tables.all) {
      for (const { frames } of streams) {
        const away = frames.filter(({ data }) => data.type === 'user_disconnected')
        expect(away.map(({ data }) => data.data.user_id)).toEqual(streams === table.streams ? [guest] : [])
      }
    }
  }

  test(
    'requests of a session all go to one, and sessions are spread over all',
    async () => {
      const spread = new Set<number>()
      for (let count = 0; count < SESSIONS_MAX && spread.size < NODES; count += 1) {
        const api = await stand.client(count)
        const ada = await api.create()
        const bob = await (await stand.client(count + 1)).join(ada.sessionId)
        const stream = api.stream(ada.sessionId, { token: bob.token })
        await until(() => stream.frames.length > 0)
        for (const path of ['', '/history', '/export', '/events?after=0']) {
          expect((await api.request(`/api/sessions/${ada.sessionId}${path}`)).status).toBe(200)
        }
        await api.command(ada, 'start')
        await api.command(bob, 'vote', { vote: '5' })
        await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { method: 'POST', by: ada, body: {} })
        const path = `/api/sessions/${ada.sessionId}`
        expect((await api.request(path, { method: 'DELETE', by: ada })).status).toBe(200)
        await until(() => stream.isClosed)
        await until(() => stand.serversOf(ada.sessionId).length > 0)
        expect(stand.serversOf(ada.sessionId)).toHaveLength(1)
        for (const node of stand.serversOf(ada.sessionId)) spread.add(node)
      }
      expect([...spread].sort()).toEqual([0, 1, 2])
    },
    TIMEOUT_MS,
  )

  test(
    'one is killed amid its rounds: another continues them, and nobody who came back was away',
    async () => {
      const [table] = await tables.playEverywhere()
      if (table === undefined) throw new Error('no table')
      const guest = await guestAt(table)
      await tables.untilPlayed(2)
      await stand.kill(0)
      await tables.untilPlayed(5)
      await tables.stop()
      for (const { openings } of table.streams) expect(openings).toBeGreaterThan(1)
      await expectOnlyGuestAway(table, guest)
      await tables.expectToAgreeWith([1, 2])
    },
    TIMEOUT_MS,
  )

  test(
    'each is replaced, one after the other, while teams play: nobody loses a command, or is away',
    async () => {
      const table = (await tables.playEverywhere()).at(-1)
      if (table === undefined) throw new Error('no table')
      const guest = await guestAt(table)
      await tables.untilPlayed(2)
      for (let node = 0; node < NODES; node += 1) {
        await stand.replace(node)
        await tables.untilAsked(node)
        await tables.untilPlayed(2)
      }
      await tables.stop()
      await expectOnlyGuestAway(table, guest)
      await tables.expectToAgreeWith([0, 1, 2])
    },
    TIMEOUT_MS,
  )
})
