import { sceneLines } from '../../src/cli/watch-view.js'
import { plain } from '../../src/terminal/paint.js'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')

let clock: SimulatedClock
let server: InProcess
let api: Api

beforeEach(async () => {
  clock = new SimulatedClock(START)
  server = await startInProcess({ clock, environment: { RATE_LIMITING: 'false' } })
  api = new Api(server.url)
})

afterEach(() => server.stop())

async function tableOf(sessionId: string): Promise<string> {
  const state = await api.session(sessionId)
  return sceneLines({ state, connection: 'streaming', url: 'URL', recent: [], columns: 80 }, plain).join('\n')
}

test('the live table shows the story, its attempts, the time left and the result', async () => {
  const settings = { deck: 'fibonacci', round_seconds: 90 }
  const ada = await api.create('Sprint 42', 'Ada', { settings })
  const bob = await api.join(ada.sessionId, 'Bob')
  const olga = await api.join(ada.sessionId, 'Olga')
  await api.command(olga, 'role', { role: 'observer' })
  await api.command(ada, 'start', { title: 'Log in' })
  const first = await tableOf(ada.sessionId)
  expect(first).toContain('Log in  time until 09:31:30 UTC')
  expect(first).toContain('0/2 voted')
  expect(first).toContain('Olga observes')
  expect(first).not.toContain('attempt')

  clock.increment(30_000)
  await api.command(ada, 'pause')
  expect(await tableOf(ada.sessionId)).toContain('Log in  timer stopped, 60 s left')
  await api.command(ada, 'resume')
  await api.command(ada, 'vote', { vote: '13' })
  await api.command(bob, 'vote', { vote: '5' })
  expect(await tableOf(ada.sessionId)).not.toMatch(/average|13 █/)
  await api.command(ada, 'reveal')
  await api.command(ada, 'accept', { estimate: '8' })
  const revealed = await tableOf(ada.sessionId)
  expect(revealed).toContain('Log in  agreed on 8')
  expect(revealed).toContain('average 9  median 9  agreement 50 %  suggests 8')
  // In the deck's order; alphabetically, 13 would come before 5.
  expect(revealed).toMatch(/ 5 █+ 1\n +13 █+ 1/)

  const { id } = (await api.session(ada.sessionId)).current_round.story
  await api.command(ada, 'start', { story_id: id })
  expect(await tableOf(ada.sessionId)).toContain('Log in  attempt 2  time until')
})

test('of an anonymous round it shows the result, and nobody’s card', async () => {
  const ada = await api.create('Sprint 42', 'Ada', { settings: { anonymous_votes: true } })
  await api.command(ada, 'start')
  await api.command(ada, 'vote', { vote: '21' })
  await api.command(ada, 'reveal')
  const table = await tableOf(ada.sessionId)
  expect(table).toContain('anonymous')
  expect(table).toContain('21 █')
  expect(table).toMatch(/\[#+\] Ada/)
})
