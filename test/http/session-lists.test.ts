import { historyIn, storiesIn } from '../../src/http/session-lists.js'
import { Api, type Person } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

let server: InProcess
let api: Api
let ada: Person
let bob: Person

beforeAll(async () => {
  server = await startInProcess({ environment: { RATE_LIMITING: 'false', MAX_SESSIONS: '10' } })
  api = new Api(server.url)
})

afterAll(() => server.stop())

beforeEach(async () => {
  ada = await api.create('Sprint 42')
  bob = await api.join(ada.sessionId)
})

function context() {
  const host = [...server.services.supervisor.sessions()].find(({ id }) => id === ada.sessionId)
  if (host === undefined) throw new Error('the session is gone')
  return host.snapshot.context
}

async function list(name: 'stories' | 'history') {
  return (await api.request(`/api/sessions/${ada.sessionId}/${name}`)).body
}

function add(story: object): Promise<unknown> {
  return api.post(`/api/sessions/${ada.sessionId}/stories`, { by: ada, body: story })
}

async function vote(): Promise<void> {
  for (const by of [ada, bob]) await api.command(by, 'vote', { vote: '5' })
}

/** Why: a list is up to a megabyte, and the server holds every answer that is not read. */
describe('a list is serialised once per state, and the same bytes are sent to everybody', () => {
  test('stories, until one of them changes', async () => {
    const steps: (() => Promise<unknown>)[] = [
      () => add({ title: 'A' }),
      () => api.command(ada, 'start', { title: 'B' }),
      () => vote().then(() => api.command(ada, 'reveal')),
      () => api.command(ada, 'accept', { estimate: '5' }),
    ]
    const seen = new Set<Buffer>()
    for (const step of steps) {
      await step()
      seen.add(storiesIn(context()).bytes)
      expect(storiesIn(context()).bytes).toBe(storiesIn(context()).bytes)
      expect(JSON.parse(String(storiesIn(context()).bytes))).toEqual(await list('stories'))
    }
    // The reveal changes no story.
    expect(seen.size).toBe(steps.length - 1)
    const { stories, stories_version } = await list('stories')
    expect(stories_version).toBe(context().storiesVersion)
    const ids = stories.map(({ id }: { id: string }) => id).reverse()
    const ordered = (
      await api.post(`/api/sessions/${ada.sessionId}/stories/order`, { by: ada, body: { ids } })
    ).body
    expect(ordered).toEqual(await list('stories'))
    expect(ordered.stories.map(({ id }: { id: string }) => id)).toEqual(ids)
  })

  test('the history, until a round is revealed or changes after it', async () => {
    await api.command(ada, 'start', { title: 'A' })
    const none = historyIn(context()).bytes
    await vote()
    expect(historyIn(context()).bytes).toBe(none)
    const rounds: unknown[] = []
    const steps: (() => Promise<unknown>)[] = [
      () => api.command(ada, 'reveal'),
      () => api.command(ada, 'accept', { estimate: '8' }),
      () => api.command(ada, 'start', { title: 'B' }),
      () =>
        api.request(`/api/sessions/${ada.sessionId}/stories/${context().stories[0]?.id}`, {
          method: 'DELETE',
          by: ada,
        }),
    ]
    for (const step of steps) {
      await step()
      expect(historyIn(context()).bytes).toBe(historyIn(context()).bytes)
      rounds.push((await list('history')).rounds)
    }
    expect(rounds).toMatchObject([
      [{ accepted_estimate: null, story: { title: 'A' } }],
      [{ accepted_estimate: '8' }],
      [{ accepted_estimate: '8', story: { id: expect.any(String) } }],
      [{ accepted_estimate: '8', story: { id: null, title: 'A' } }],
    ])
  })

  test('an empty list of one session is not what another one has', async () => {
    await api.command(ada, 'start', { title: 'A' })
    await vote()
    await api.command(ada, 'reveal')
    expect((await list('history')).rounds).toHaveLength(1)
    ada = await api.create('Another')
    expect(await list('history')).toEqual({ rounds: [] })
    expect(await list('stories')).toEqual({ stories: [], stories_version: 0 })
  })

  test('also marked as possibly outdated', () => {
    const { stale } = storiesIn(context())
    expect(storiesIn(context()).stale.bytes).toBe(stale.bytes)
    expect(JSON.parse(String(stale.bytes))).toEqual({ stories: [], stories_version: 0, stale: true })
  })

  test('HEAD has the length and no body', async () => {
    await add({ title: 'Ä' })
    const path = `${server.url}/api/sessions/${ada.sessionId}/stories`
    const [head, get] = [await fetch(path, { method: 'HEAD' }), await fetch(path)]
    const length = (await get.arrayBuffer()).byteLength
    expect([head.headers.get('content-length'), await head.text()]).toEqual([String(length), ''])
  })

  test('a repeated order is answered as at first', async () => {
    await add({ title: 'A' })
    const ids = context().stories.map(({ id }) => id)
    const order = () =>
      api.post(`/api/sessions/${ada.sessionId}/stories/order`, {
        by: ada,
        body: { ids },
        headers: { 'Idempotency-Key': 'a-key-that-nobody-guesses' },
      })
    const first = await order()
    await add({ title: 'B' })
    expect((await order()).body).toEqual(first.body)
    expect(first.body).toMatchObject({ stories: [{ title: 'A' }], stories_version: 1 })
  })
})
