import type { Browser, BrowserContext, Page } from 'playwright-core'
import type * as MagnaPP from '../../src/client/client.js'
import type { Seat } from '../../src/client/client.js'
import { createSession, joinSession, type SessionClient, watchSession } from '../../src/client/client.js'
import { Api } from '../support/api.js'
import { startBrowser } from '../support/browser.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type ClientPage, serveClientPage } from '../support/client-page.js'
import { Clients, CREATION, JOINING, TIMING, until } from '../support/clients.js'
import { program } from '../support/programs.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'

/** A browser takes its time on a busy machine. */
jest.setTimeout(120_000)

const CHROMIUM = program('chromium')
const suite = CHROMIUM === null ? describe.skip : describe

/** Another tab takes over long before somebody counts as away. */
const DEBOUNCE_MS = 5_000
/** A tab that is silent for this long is taken for dead within ten seconds. */
const FROZEN_MS = 30_000

/** What a tab's scripts see: the library, the client, and what it has reported. */
declare const magnapp: typeof MagnaPP
declare const client: SessionClient
declare const versions: number[]
declare const connections: string[]
declare const streams: number
declare const navigator: { locks: { query(): Promise<Record<'held' | 'pending', unknown[]>> } }

suite('tabs of one browser in one seat', () => {
  let browser: Browser
  let pages: ClientPage
  let server: BuiltServer
  let proxy: FaultyProxy
  let context: BrowserContext
  let leader: SessionClient
  let seat: Seat
  const clients = new Clients()
  /** What everybody else sees of the tabs. */
  const seen: string[] = []

  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM ?? '')
    pages = await serveClientPage()
    server = await startBuiltServer({
      CORS_ORIGINS: JSON.stringify([pages.origin]),
      RATE_LIMITING: 'false',
      MAX_SESSIONS: '100',
      DISCONNECT_DEBOUNCE_SECONDS: String(DEBOUNCE_MS / 1_000),
    })
  })
  afterAll(async () => {
    await browser.close()
    pages.close()
    await server.stop()
  })

  beforeEach(async () => {
    seen.length = 0
    proxy = await startProxy(server.url)
    context = await browser.newContext()
    leader = clients.keep(await createSession(CREATION, { url: server.url, timing: TIMING }))
    await until(() => leader.connection === 'streaming')
    const member = await joinSession(leader.sessionId, JOINING, { url: server.url, timing: TIMING })
    if (member.seat === null) throw new Error('a member has a seat')
    seat = member.seat
    await member.close()
    void (async () => {
      const watcher = clients.keep(watchSession(leader.sessionId, { url: server.url, timing: TIMING }))
      for await (const { type } of watcher.events()) seen.push(type)
    })().catch(() => {})
  })
  afterEach(async () => {
    await context.close()
    await clients.close()
    await proxy.close()
  })

  /** Opens a tab that resumes Bob's seat. */
  async function openTab(url = proxy.url): Promise<Page> {
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(pages.origin)
    await page.evaluate(
      ([kept, target]) => {
        let opened = 0
        const counting: typeof fetch = (input, init) => {
          if (String(input).includes('/api/sse/')) opened += 1
          return fetch(input, init)
        }
        const made = magnapp.resumeSession(kept, { url: target, fetch: counting })
        const seenVersions: number[] = []
        const seenConnections: string[] = []
        Object.defineProperty(globalThis, 'streams', { get: () => opened })
        Object.assign(globalThis, { client: made, versions: seenVersions, connections: seenConnections })
        made.subscribe(({ connection }) => {
          if (seenConnections.at(-1) !== connection) seenConnections.push(connection)
        })
        void (async () => {
          for await (const frame of made.events())
            if (!('session' in frame.data)) seenVersions.push(frame.state_version)
        })()
      },
      [seat, url] as const,
    )
    await page.waitForFunction(() => client.connection === 'streaming' && client.state !== null)
    return page
  }

  async function openTabs(count: number): Promise<Page[]> {
    const tabs: Page[] = []
    for (let number = 0; number < count; number += 1) tabs.push(await openTab())
    return tabs
  }

  /** Waits until all of them have the server's state. */
  async function areCurrent(tabs: readonly Page[]): Promise<void> {
    const { state_version } = await new Api(server.url).session(leader.sessionId)
    for (const tab of tabs)
      await tab.waitForFunction((wanted) => client.state?.state_version === wanted, state_version)
  }

  const leads = (tab: Page) => tab.evaluate(() => streams > 0)
  async function indexOfLeader(tabs: readonly Page[]): Promise<number> {
    const leading = await Promise.all(tabs.map(leads))
    return leading.lastIndexOf(true)
  }

  test('share one stream, even eight of them; events reach all, and a card from any is confirmed at once', async () => {
    const tabs = await openTabs(8)
    expect(proxy.streams.count).toBe(1)
    await leader.commands.start()
    await areCurrent(tabs)
    const last = tabs.at(-1)
    // With a stream per tab, no connection would be left for it.
    expect(await last?.evaluate(() => client.vote('5'))).toMatchObject({ type: 'cast' })
    await Promise.all(tabs.map((tab) => tab.waitForFunction(() => client.ownVote.card === '5')))
    await leader.commands.reveal()
    await areCurrent(tabs)
    const read = await Promise.all(tabs.map((tab) => tab.evaluate(() => versions)))
    for (const numbers of read) expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    expect(proxy.streams.count).toBe(1)
  })

  test('pass the stream on at once when its tab is closed; nobody is away, and nothing is missed', async () => {
    const tabs = await openTabs(3)
    for (let closed = 0; closed < 2; closed += 1) {
      const index = await indexOfLeader(tabs)
      const [leading] = tabs.splice(index, 1)
      const streamsBefore = proxy.streams.count
      await leading?.close()
      await until(() => proxy.streams.count > streamsBefore)
      await leader.commands.pause()
      await leader.commands.resume()
      await areCurrent(tabs)
    }
    const [last] = tabs
    const numbers = (await last?.evaluate(() => versions)) ?? []
    expect(numbers.length).toBeGreaterThan(3)
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    // Nothing has shown that the stream is a different one.
    expect(await last?.evaluate(() => connections.join())).not.toMatch(/streaming,/)
    // Longer than the debounce of a disconnect.
    await new Promise((resolve) => setTimeout(resolve, DEBOUNCE_MS + 500))
    expect(seen).not.toContain('user_disconnected')
  })

  test('take over the stream of one that freezes, and keep it when that one thaws', async () => {
    const tabs = await openTabs(3)
    const frozen = tabs[await indexOfLeader(tabs)]
    const others = tabs.filter((tab) => tab !== frozen)
    // Its page does nothing at all for a while, and its stream is silent, but it keeps the lock.
    let isFrozen = true
    const thawing = frozen
      ?.evaluate((ms) => {
        const thawsAt = performance.now() + ms
        while (performance.now() < thawsAt);
      }, FROZEN_MS)
      .then(() => {
        isFrozen = false
      })
    await until(() => proxy.streams.count > 1)
    expect(isFrozen).toBe(true)
    await leader.commands.start()
    await areCurrent(others)
    await thawing
    await leader.commands.reveal()
    await areCurrent(tabs)
    for (const tab of tabs) {
      const numbers = await tab.evaluate(() => versions)
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    }
    // One keeps streaming, over the stream that it took.
    await until(() => proxy.streams.open === 1)
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    expect(proxy.streams.count).toBe(2)
    expect(seen).not.toContain('user_disconnected')
  })

  test('learn at once what happened on waking to a dead stream of another', async () => {
    const tabs = await openTabs(2)
    const index = await indexOfLeader(tabs)
    const [leading, following] = [tabs[index], tabs[1 - index]]
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    proxy.silence()
    await leader.commands.start()
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(await following?.evaluate(() => client.state?.status)).toBe('waiting')
    await following?.evaluate(() => client.wake())
    await following?.waitForFunction(() => client.state?.status === 'voting')
    // The other tab is told, and has a live stream again.
    await leading?.waitForFunction(() => client.state?.status === 'voting')
    await leader.commands.reveal()
    await areCurrent(tabs)
    await until(() => proxy.streams.open === 1)
  })

  test('share a cut, and the way back', async () => {
    const tabs = await openTabs(3)
    await leader.commands.start()
    await areCurrent(tabs)
    proxy.fault.isDown = true
    proxy.cut()
    for (const tab of tabs) await tab.waitForFunction(() => client.connection === 'waiting')
    const [first, second] = tabs
    await first?.evaluate(() => void client.vote('3'))
    expect(await first?.evaluate(() => client.ownVote)).toMatchObject({ card: '3', phase: 'queued' })
    await second?.evaluate(() => void client.vote('8'))
    await first?.waitForFunction(() => client.ownVote.phase === 'none')
    proxy.fault.isDown = false
    for (const tab of tabs) await tab.waitForFunction(() => client.connection === 'streaming')
    for (const tab of tabs) await tab.waitForFunction(() => client.ownVote.card === '8')
    await until(() => seen.includes('vote_submitted'))
    await leader.commands.reveal()
    await until(() => seen.includes('votes_revealed'))
    expect(seen.filter((type) => type === 'vote_submitted')).toHaveLength(1)
  })

  test('all say that their owner was removed, and leave nothing behind', async () => {
    const tabs = await openTabs(3)
    await leader.commands.kick(seat.userId)
    for (const tab of tabs) await tab.waitForFunction(() => client.snapshot.ending?.reason === 'kicked')
    expect(proxy.streams.count).toBe(1)
    // Nobody holds or awaits anything any more.
    for (const tab of tabs)
      await tab.waitForFunction(async () => {
        const { held, pending } = await navigator.locks.query()
        return held.length + pending.length === 0
      })
  })

  test('have a stream each without locks, as on an insecure page, and still know each other’s cards', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'locks', { value: undefined })
    })
    const tabs = await openTabs(2)
    expect(proxy.streams.count).toBe(2)
    await leader.commands.start()
    await areCurrent(tabs)
    const requests: string[] = []
    tabs[1]?.on('request', (request) => requests.push(request.url()))
    await tabs[0]?.evaluate(() => client.vote('13'))
    await tabs[1]?.waitForFunction(() => client.ownVote.card === '13')
    // The other tab told; the server was not asked.
    expect(requests.filter((url) => url.endsWith('/reconnect'))).toEqual([])
  })
})
