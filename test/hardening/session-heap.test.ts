import http from 'node:http'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

const KIB = 1_024
const SEATS = 16
const CARDS = ['1', '2', '3', '5', '8', '13', '21', 'coffee']
/** Tables that play at once. */
const AT_ONCE = 8

/** Injected into the process: on SIGUSR2 it reports the size of its heap after some collections. */
const PROBE = `
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  process.on('SIGUSR2', async () => {
    let least = Infinity
    // Other threads free what a collection finds dead, when they get to it.
    for (let pass = 0; pass < 10; pass += 1) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 30))
      const { heapUsed, external } = process.memoryUsage()
      least = Math.min(least, heapUsed + external)
    }
    process.stdout.write('heap ' + least + '\\n')
  })
`

let server: BuiltServer
let api: Api

beforeAll(async () => {
  server = await startBuiltServer({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PROBE)}`,
    NODE_ENV: 'production',
    MAX_SESSIONS: '10000',
    PRESENCE_SECONDS: '3600',
    SESSION_TIMEOUT_MINUTES: '60',
    RATE_LIMITING: 'false',
    LOG_REQUESTS: 'false',
  })
  api = new Api(server.url)
  // What a process takes once, such as compiled code, belongs to no session.
  await play(120, () => voted())
}, 120_000)

afterAll(() => server.stop())

/** What the process holds, in KiB. */
async function heap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 200))
  const said = () => [...server.output().matchAll(/^heap (\d+)$/gm)]
  const before = said().length
  server.process.kill('SIGUSR2')
  while (said().length === before) await new Promise((resolve) => setTimeout(resolve, 5))
  return Number(said().at(-1)?.[1]) / KIB
}

async function play(tables: number, one: () => Promise<unknown>): Promise<void> {
  let left = tables
  const players = Array.from({ length: AT_ONCE }, async () => {
    for (; left > 0; ) {
      left -= 1
      await one()
    }
  })
  await Promise.all(players)
}

/** A session with all its seats taken. */
async function full(): Promise<readonly [Person, ...Person[]]> {
  const ada = await api.create()
  const others: Person[] = []
  while (others.length < SEATS - 1) others.push(await api.join(ada.sessionId, `Voter ${others.length}`))
  return [ada, ...others]
}

async function voted(): Promise<void> {
  const people = await full()
  await api.command(people[0], 'start')
  for (const [n, by] of people.entries()) await api.command(by, 'vote', { vote: CARDS[n % CARDS.length] })
}

test('a full session in which everybody has voted takes 50 KiB at most', async () => {
  const before = await heap()
  await play(200, voted)
  const each = ((await heap()) - before) / 200
  process.stdout.write(`a session in which sixteen have voted: ${each.toFixed(1)} KiB\n`)
  expect(each).toBeLessThan(50)
}, 120_000)

/** A session that holds all it may: 200 stories with notes of 450 characters, and 200 rounds about them. */
async function filled(): Promise<void> {
  const people = await full()
  const stories = Array.from({ length: 200 }, (_, n) => ({
    title: `SHOP-${n} Somebody pays with a card that has expired`,
    link: `https://tracker.example/browse/SHOP-${n}`,
    notes: `As a customer, whose number is ${n}, I want to pay. `.repeat(10).slice(0, 450),
  }))
  const added = await api.post(`/api/sessions/${people[0].sessionId}/stories`, {
    by: people[0],
    body: { stories },
  })
  for (const { id } of added.body.stories) {
    await api.command(people[0], 'start', { story_id: id })
    await Promise.all(people.map((by, n) => api.command(by, 'vote', { vote: CARDS[n % CARDS.length] })))
    await api.command(people[0], 'reveal')
    await api.command(people[0], 'accept', { estimate: '5' })
  }
}

test('a full session with 200 stories and 200 rounds takes 600 KB at most', async () => {
  await play(4, filled)
  const readings = [await heap()]
  for (let batch = 0; batch < 3; batch += 1) {
    await play(5, filled)
    readings.push(await heap())
  }
  // The median: now and then the process allocates or frees something of its own.
  const each = readings.slice(1).map((after, batch) => ((after - (readings[batch] ?? 0)) * KIB) / 5 / 1_000)
  const [, middle = Number.NaN] = each.toSorted((one, other) => one - other)
  process.stdout.write(
    `a session with 200 stories and 200 rounds: ${middle.toFixed(0)} of ${each.map(Math.round).join(', ')} KB\n`,
  )
  expect(middle).toBeLessThan(600)
}, 600_000)

test('a connection waiting for its next request holds nothing of the last', async () => {
  const agent = new http.Agent({ keepAlive: true })
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      http
        .get(`${server.url}/api/sessions/00000000-0000-4000-8000-000000000000/stories`, { agent }, (answer) =>
          answer.resume().once('end', resolve),
        )
        .once('error', reject)
    })
  await Promise.all(Array.from({ length: 50 }, ask))
  const before = await heap()
  await Promise.all(Array.from({ length: 450 }, ask))
  const each = ((await heap()) - before) / 400
  process.stdout.write(`an idle connection: ${each.toFixed(1)} KiB\n`)
  agent.destroy()
  expect(each).toBeLessThan(9)
}, 60_000)
