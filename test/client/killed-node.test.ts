import { createSession, joinSession, type SessionClient } from '../../src/client/client.js'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, CREATION, converged, playRound, TIMING, until, versionsOf } from '../support/clients.js'
import { describeBehindNginx, type PlainNginx, startPlainNginx } from '../support/plain-nginx.js'
import { RedisServer } from '../support/redis-server.js'

const TIMEOUT_MS = 90_000
const MEMBERS = 5

describeBehindNginx()('two servers on one Redis behind nginx, with requests alternating between them', () => {
  const clients = new Clients()
  const servers: BuiltServer[] = []
  let redis: RedisServer
  let proxy: PlainNginx

  beforeEach(async () => {
    redis = await RedisServer.start()
    const settings = { RATE_LIMITING: 'false', COMMAND_LOG: redis.url }
    for (let node = 0; node < 2; node += 1) servers.push(await startBuiltServer(settings))
    proxy = await startPlainNginx(
      servers.map(({ url }) => url),
      false,
    )
  }, TIMEOUT_MS)

  afterEach(async () => {
    await clients.close()
    await proxy.close()
    await Promise.all(servers.splice(0).map((server) => server.stop('SIGKILL')))
    await redis.stop()
  }, TIMEOUT_MS)

  /** Both servers, the one with more streams first. */
  async function byStreams(): Promise<[BuiltServer, BuiltServer]> {
    const [one, two] = servers
    if (one === undefined || two === undefined) throw new Error('there are not two')
    return (await streamsAt(one)) > (await streamsAt(two)) ? [one, two] : [two, one]
  }

  async function streamsAt({ url }: BuiltServer): Promise<number> {
    const { text } = await new Api(url).request('/metrics')
    return Number(/^magnapp_sse_connections_active (\d+)/m.exec(text)?.[1])
  }

  test(
    'one is killed mid-round: everybody plays on and misses nothing',
    async () => {
      const { url } = proxy
      const leader = clients.keep(await createSession(CREATION, { url, timing: TIMING }))
      const members: SessionClient[] = []
      while (members.length < MEMBERS) {
        const person = { userName: `Member ${members.length}`, userAvatar: 'owl' }
        members.push(clients.keep(await joinSession(leader.sessionId, person, { url, timing: TIMING })))
      }
      const everybody = [leader, ...members]
      await until(() => everybody.every(({ connection }) => connection === 'streaming'))
      const reading = everybody.map((client) => versionsOf(client.events()))
      const wereAway = new Set<SessionClient>()
      for (const client of everybody)
        client.subscribe(({ connection }) => {
          if (connection === 'waiting') wereAway.add(client)
        })
      const [doomed, other] = await byStreams()

      await playRound(leader, leader)
      await leader.commands.start()
      const voting = members.map((member) => member.commands.vote('5'))
      await doomed.stop('SIGKILL')
      await Promise.all(voting)
      await leader.commands.reveal()
      await until(() => wereAway.size > 0 && everybody.every(({ connection }) => connection === 'streaming'))
      for (const member of members) await playRound(leader, member)
      for (const client of everybody) await converged(client, other.url)

      const { rounds } = (await new Api(other.url).request(`/api/sessions/${leader.sessionId}/history`)).body
      expect(rounds.map(({ votes }: { votes: object }) => Object.keys(votes).length)).toEqual([
        1,
        MEMBERS,
        ...members.map(() => 2),
      ])
      await Promise.all(everybody.map((client) => client.close()))
      for (const versions of await Promise.all(reading))
        expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index))
    },
    TIMEOUT_MS,
  )
})
