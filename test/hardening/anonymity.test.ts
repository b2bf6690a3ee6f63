import fc from 'fast-check'
import type { Card } from '../../machines/card.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { sequentialIds, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')
const CARDS: readonly Card[] = ['½', '1', '5', '8', 'big', 'coffee']
const VOTERS = 4

/** What everybody casts, first and in the end. The last voter's card is the same both times. */
interface Hands {
  readonly first: readonly Card[]
  readonly last: readonly Card[]
}

/** All that anybody but the first voters can see of an anonymous round, before and after its reveal. */
async function observe({ first, last }: Hands): Promise<string[]> {
  const clock = new SimulatedClock(START)
  const server = await startInProcess({
    clock,
    ids: sequentialIds(),
    environment: { RATE_LIMITING: 'false' },
  })
  const api = new Api(server.url)
  const seen: string[] = []
  const note = (answer: Answer) => {
    const headers = [...answer.headers].filter(([name]) => name !== 'date')
    seen.push(JSON.stringify([answer.status, headers, answer.text]).replaceAll(server.url, 'URL'))
    return answer
  }
  const settings = { deck: CARDS, anonymous_votes: true, vote_after_reveal: true }
  const ada = await api.create('Sprint', 'Ada', { settings })
  const voters: Person[] = []
  while (voters.length < VOTERS) voters.push(await api.join(ada.sessionId, `Voter ${voters.length}`))
  const [, , , dora] = voters as [Person, Person, Person, Person]
  const stream = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType(
    'session_updated',
  )
  const doras = await new TestStream(server.url, ada.sessionId, { token: dora.token }).untilType(
    'session_updated',
  )
  const path = `/api/sessions/${ada.sessionId}`
  const look = async () => {
    for (const place of [
      path,
      `${path}/round`,
      `${path}/events?after=0`,
      `${path}/history`,
      `${path}/stories`,
      ...['json', 'csv', 'md'].map((format) => `${path}/export?format=${format}`),
    ]) {
      note(await api.request(place))
    }
    for (const by of [ada, dora]) note(await api.post(`${path}/reconnect`, { by, body: {} }))
    seen.push(figuresIn((await api.request('/api/health/metrics')).body))
  }
  note(await api.command(ada, 'start', { title: 'A story' }))
  for (const hand of [first, last]) {
    for (const [voter, vote] of hand.entries()) {
      clock.increment(1_000)
      note(await api.post(`${path}/vote`, { by: voters[voter] as Person, body: { vote } }))
      await look()
    }
  }
  note(await api.command(ada, 'reveal'))
  await look()
  // Nobody can change a card now; that would reveal whose it was.
  note(await api.post(`${path}/vote`, { by: dora, body: { vote: '8' } }))
  note(await api.command(ada, 'accept', { estimate: '5' }))
  note(await api.request(`${path}/settings`, { method: 'PATCH', by: ada, body: { anonymous_votes: false } }))
  note(await api.command(ada, 'start'))
  await look()
  const version = (await api.session(ada.sessionId)).state_version
  await stream.untilVersion(version)
  await doras.untilVersion(version)
  const replay = await new TestStream(server.url, ada.sessionId, { lastEventId: 0 }).untilVersion(version)
  // Only once, and last: what it shows is up to a second old.
  seen.push(countsIn((await api.request('/metrics')).text), stream.raw, doras.raw, replay.raw)
  stream.close()
  doras.close()
  replay.close()
  await server.stop()
  // How long a request took depends on the machine, as does the date in the headers.
  const log = server.log().replaceAll(/"duration_ms":[\d.]+/g, '"duration_ms":0')
  return [...seen, ...log.split('\n').sort()]
}

/** Only what is counted; times and memory depend on the machine. */
const isCounted = (name: string) => /vote|round|event/.test(name) && !/seconds|loop|bytes/.test(name)

function countsIn(metrics: string): string {
  return metrics.split('\n').filter(isCounted).join('\n')
}

function figuresIn(figures: Record<string, Record<string, unknown>>): string {
  const kinds = ['counters', 'gauges', 'histograms'].map((kind) => Object.entries(figures[kind] ?? {}))
  return JSON.stringify(kinds.flat().filter(([name]) => isCounted(name)))
}

test('who cast which card of an anonymous round shows nowhere, before, at and after the reveal', async () => {
  const hand = fc.array(fc.constantFrom(...CARDS), { minLength: VOTERS, maxLength: VOTERS })
  const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
  await fc.assert(
    fc.asyncProperty(hand, hand, hand, order, async (one, other, last, places) => {
      const dora = VOTERS - 1
      const shuffled = [...places.map((place) => last[place] ?? '1'), last[dora] ?? '1']
      const otherFirst = [...other.slice(0, dora), one[dora] ?? '1']
      const seen = await observe({ first: one, last })
      expect(await observe({ first: otherFirst, last: shuffled })).toEqual(seen)
    }),
    { numRuns: 5 },
  )
}, 120_000)

test('the observation would notice: a different result shows', async () => {
  const first = ['1', '1', '1', '1']
  expect(await observe({ first, last: first })).not.toEqual(
    await observe({ first, last: ['1', '1', '5', '1'] }),
  )
}, 60_000)

test('only its voter is told their own card, on whatever device', async () => {
  const server = await startInProcess()
  const api = new Api(server.url)
  const ada = await api.create('Sprint', 'Ada', { settings: { anonymous_votes: true } })
  const bob = await api.join(ada.sessionId)
  const { code } = (await api.command(bob, 'seat-code')).body
  const seat = await api.post(`/api/sessions/${ada.sessionId}/seat`, { body: { code } })
  await api.command(ada, 'start')
  await api.command(bob, 'vote', { vote: '13' })
  await api.command(ada, 'reveal')
  for (const token of [bob.token, seat.body.user_token]) {
    const { body } = await api.command({ ...bob, token }, 'reconnect')
    expect(body.your_vote).toMatchObject({ user_id: bob.userId, value: '13' })
  }
  expect((await api.command(ada, 'reconnect')).body.your_vote).toBeNull()
  await server.stop()
})
