import { resumeSession, type SessionClient, watchSession } from '../../src/client/client.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { Clients, TIMING, until } from '../support/clients.js'

let server: BuiltServer
const clients = new Clients()

beforeAll(async () => {
  server = await startBuiltServer({ RATE_LIMITING: 'false', MAX_SESSIONS: '100' })
})

afterEach(() => clients.close())
afterAll(() => server.stop())

const titles = (client: SessionClient) => client.snapshot.stories?.map(({ title }) => title)

/** Bob, connected through a proxy, and how often he has read the list. */
async function table() {
  const { leader, member, proxy } = await clients.table(server.url)
  const reads = { count: 0, failures: 0 }
  const counting: typeof fetch = async (input, init) => {
    if (String(input).endsWith('/stories')) {
      reads.count += 1
      if (reads.failures-- > 0) throw new TypeError('fetch failed')
    }
    return fetch(input, init)
  }
  if (member.seat === null) throw new Error('a member has a seat')
  await member.close()
  const options = { url: proxy.url, timing: TIMING, fetch: counting }
  const bob = clients.keep(resumeSession(member.seat, options))
  await until(() => bob.connection === 'streaming' && bob.state !== null)
  return { leader, bob, proxy, reads }
}

async function agree(client: SessionClient, leader: SessionClient): Promise<void> {
  const { stories } = await leader.commands.stories.list()
  await until(() => JSON.stringify(client.snapshot.stories) === JSON.stringify(stories))
}

test('stories are not read unless a client asks to follow them', async () => {
  const { leader, bob, reads } = await table()
  await leader.commands.stories.add({ title: 'One' })
  await until(() => bob.state?.stories_version === 1)
  expect([bob.snapshot.stories, reads.count]).toEqual([null, 0])
})

test('stories are read once, and then kept current by events', async () => {
  const { leader, bob, reads } = await table()
  await leader.commands.stories.add({ title: 'One' }, { title: 'Two' })
  const heard: (readonly unknown[] | null)[] = []
  bob.followStories()
  bob.followStories()
  await agree(bob, leader)
  bob.subscribe(({ stories }) => heard.at(-1) !== stories && heard.push(stories))
  const [first] = await leader.commands.stories.add({ title: 'Three' })
  const { stories } = await leader.commands.stories.list()
  await leader.commands.stories.order(stories.map(({ id }) => id).reverse())
  await leader.commands.stories.change(first?.id ?? '', { title: 'Third' })
  await leader.commands.stories.remove(stories[0]?.id ?? '')
  await until(() => bob.state?.stories_version === 5)
  await agree(bob, leader)
  expect(titles(bob)).toEqual(['Third', 'Two'])
  // An accepted estimate becomes the story's.
  await leader.commands.start({ storyId: first?.id ?? '' })
  await bob.vote('8')
  await leader.commands.reveal()
  await leader.commands.accept('8')
  await agree(bob, leader)
  expect(bob.snapshot.stories?.[0]).toMatchObject({ title: 'Third', estimate: '8' })
  expect(heard.length).toBeGreaterThan(4)
  expect(reads.count).toBe(1)
})

test('changes while the line was away are replayed; what no event can hold is read again', async () => {
  const { leader, bob, proxy, reads } = await table()
  bob.followStories()
  await agree(bob, leader)
  proxy.fault.isDown = true
  proxy.cut()
  await until(() => bob.connection === 'waiting')
  await leader.commands.stories.add({ title: 'One' })
  await leader.commands.stories.add({ title: 'Two' })
  proxy.fault.isDown = false
  await agree(bob, leader)
  expect(reads.count).toBe(1)
  const notes = 'n'.repeat(2_000)
  await leader.commands.stories.add(
    ...Array.from({ length: 40 }, (_, index) => ({ title: `${index}`, notes })),
  )
  await agree(bob, leader)
  expect(bob.snapshot.stories).toHaveLength(42)
  expect(reads.count).toBe(2)
})

test('stories are read again after a failed read, and watchers can read them too', async () => {
  const { leader, bob, reads } = await table()
  await leader.commands.stories.add({ title: 'One' })
  reads.failures = 1
  bob.followStories()
  await agree(bob, leader)
  expect(reads.count).toBe(2)
  const watcher = clients.keep(watchSession(leader.sessionId, { url: server.url, timing: TIMING }))
  watcher.followStories()
  await agree(watcher, leader)
})
