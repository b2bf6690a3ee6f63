import fc from 'fast-check'
import type { Card } from '../../machines/card.js'
import { DECK } from '../../machines/deck.js'
import { type Answer, Api, type Person } from '../support/api.js'
import { sequentialIds, startInProcess } from '../support/in-process.js'
import { SimulatedClock } from '../support/simulated-clock.js'
import { TestStream } from '../support/sse.js'

const START = Date.parse('2026-01-31T09:30:00.000Z')
const VOTERS = 3

/** Everything that anybody but the voters could see of a history with these votes. */
async function observe(votes: readonly (readonly [number, Card])[]): Promise<string[]> {
  const clock = new SimulatedClock(START)
  const environment = { RATE_LIMITING: 'false', PORT: '0' }
  const server = await startInProcess({ clock, ids: sequentialIds(), environment })
  const api = new Api(server.url)
  const seen: string[] = []
  const note = (answer: Answer) => {
    const headers = [...answer.headers].filter(([name]) => name !== 'date')
    seen.push(JSON.stringify([answer.status, headers, answer.text]).replaceAll(server.url, 'URL'))
  }
  const ada = await api.create()
  const voters: Person[] = []
  while (voters.length < VOTERS) voters.push(await api.join(ada.sessionId, `Voter ${voters.length}`))
  const stream = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType(
    'session_updated',
  )
  note(await api.command(ada, 'start'))
  const path = `/api/sessions/${ada.sessionId}`
  for (const [voter, vote] of votes) {
    clock.increment(1_000)
    const by = voters[voter] as Person
    note(await api.post(`${path}/vote`, { by, body: { vote } }))
    for (const place of [path, `${path}/round`, `${path}/events?after=0`, '/api/sessions']) {
      note(await api.request(place))
    }
    note(await api.post(`${path}/reconnect`, { by: ada, body: {} }))
  }
  const version = VOTERS + 1 + votes.length
  await stream.untilVersion(version)
  const replay = new TestStream(server.url, ada.sessionId, { lastEventId: 0 })
  await replay.untilVersion(version)
  seen.push(stream.raw, replay.raw)
  stream.close()
  replay.close()
  await server.stop()
  // How long a request took depends on the machine, as does the date in the headers.
  const log = server.log().replaceAll(/"duration_ms":[\d.]+/g, '"duration_ms":0')
  seen.push(...log.split('\n').sort())
  return seen
}

test('until the reveal, histories that differ only in hidden votes look the same to everybody', async () => {
  const turns = fc.array(fc.nat(VOTERS - 1), { minLength: 1, maxLength: 6 })
  const cards = fc.array(fc.constantFrom(...DECK), { minLength: 6, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(turns, cards, cards, async (voters, one, other) => {
      const hand = (hand: readonly Card[]) => voters.map((voter, turn) => [voter, hand[turn] ?? '1'] as const)
      expect(await observe(hand(one))).toEqual(await observe(hand(other)))
    }),
    { numRuns: 15 },
  )
}, 120_000)

test('the observation would notice: after the reveal the same histories differ', async () => {
  const server = await startInProcess({ clock: new SimulatedClock(START), ids: sequentialIds() })
  const api = new Api(server.url)
  const reveal = async (vote: Card) => {
    const ada = await api.create()
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote })
    return (await api.command(ada, 'reveal')).body.statistics
  }
  expect(await reveal('1')).not.toEqual(await reveal('2'))
  await server.stop()
})

test('before the reveal only the voter is told their own vote', async () => {
  const server = await startInProcess()
  const api = new Api(server.url)
  const ada = await api.create()
  const bob = await api.join(ada.sessionId)
  await api.command(ada, 'start')
  await api.command(bob, 'vote', { vote: '13' })
  expect((await api.command(bob, 'reconnect')).body.your_vote).toMatchObject({
    user_id: bob.userId,
    value: '13',
  })
  const other = await api.command(ada, 'reconnect')
  expect(other.body.your_vote).toBeNull()
  expect(other.text).not.toContain('"value":"13"')
  await server.stop()
})
