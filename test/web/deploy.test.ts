import { describeWithRedis, RedisServer } from '../support/redis-server.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, type Team, withTeam } from './support/team.js'

jest.setTimeout(2 * PATIENCE_MS)

/** With a log that outlives the server, a meeting carries on where it was. */
describeWithRedis('a server that comes back with the session', () => {
  let redis: RedisServer

  beforeAll(async () => {
    redis = await RedisServer.start()
  })
  afterAll(() => redis.stop())

  withTeam('while a round is open', {}, (team) => {
    test.each([
      ['stopped by a signal', 'SIGTERM'],
      ['killed', 'SIGKILL'],
    ] as const)('is %s: nobody reloads, no vote is lost, nobody is away', async (_how, signal) => {
      const { stop, start } = await restarting(team)
      const people = await Promise.all(['Ada', 'Bob', 'Cem'].map((name) => team.person(name)))
      const [ada, bob, cem] = people as [Person, Person, Person]
      const link = await team.opensTable(ada)
      for (const person of [bob, cem]) await team.joins(person, link)
      for (const { page } of people)
        await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }))
      await ada.page.getByRole('button', { name: 'Start the round' }).click()
      await card(bob, '5').click()
      await card(cem, '8').click()
      await onScreen(ada, '2 of 3 have voted', { exact: true }).waitFor({ state: 'attached' })

      await stop(signal)
      for (const person of people) await onScreen(person, /^No connection for \d+ s\.$/).waitFor()
      await card(ada, '8').click()
      await seat(ada, 'Ada').getByText('Not sent').waitFor()
      await start()
      for (const person of people)
        await onScreen(person, '3 of 3 have voted', { exact: true }).waitFor({ state: 'attached' })
      for (const person of people)
        for (const { name } of people) await seat(person, name).getByText('Voted').waitFor()

      await ada.page.getByRole('button', { name: /^Reveal/ }).click()
      for (const { page } of people) {
        const results = page.getByRole('region', { name: 'Results' })
        await results.getByRole('row', { name: /^5 1 Bob$/ }).waitFor()
        await results.getByRole('row', { name: /^8 2 (Ada, Cem|Cem, Ada)$/ }).waitFor()
        expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true)
      }
      const id = new URL(link).pathname.split('/').at(-1)
      const session = await (await fetch(`${team.url}/api/sessions/${id}`)).json()
      const online = session.participants.map(({ is_online }: { is_online: boolean }) => is_online)
      expect(online).toEqual([true, true, true])
      await stop('SIGTERM')
    })
  })

  /** A server that is restarted at the same address, as behind a name that stays. */
  async function restarting(team: Team) {
    const environment = { COMMAND_LOG: redis.url }
    const { url } = await team.serve(environment)
    return {
      stop: (signal: NodeJS.Signals) => team.server.stop(signal),
      start: () => team.serve({ ...environment, PORT: new URL(url).port }),
    }
  }
})
