import type { Browser, Page } from 'playwright-core'
import type * as MagnaPP from '../../src/client/client.js'
import type { Seat, SessionClient } from '../../src/client/client.js'
import { startBrowser, watchedPage } from '../support/browser.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type ClientPage, serveClientPage } from '../support/client-page.js'
import { until } from '../support/clients.js'
import { program } from '../support/programs.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'

/** A browser takes its time on a busy machine. */
jest.setTimeout(120_000)

const CHROMIUM = program('chromium')
const suite = CHROMIUM === null ? describe.skip : describe

/** The library as the page's scripts see it, under the bundle's name for it. */
declare const magnapp: typeof MagnaPP
declare const clients: Record<string, SessionClient>
declare const frames: string[]
declare const isSecureContext: boolean
declare const document: EventTarget

suite('the client in a browser, on a page of another origin', () => {
  let browser: Browser
  let pages: ClientPage
  let server: BuiltServer
  let proxy: FaultyProxy
  let page: Page
  let complaints: readonly string[]

  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM ?? '')
    pages = await serveClientPage()
    server = await startBuiltServer({
      CORS_ORIGINS: JSON.stringify([pages.origin]),
      REVEAL_SECONDS: '0',
      DISCONNECT_DEBOUNCE_SECONDS: '60',
    })
    proxy = await startProxy(server.url)
    const watched = await watchedPage(browser)
    page = watched.page
    complaints = watched.complaints
    await page.goto(pages.origin)
  })
  afterAll(async () => {
    await browser.close()
    pages.close()
    await proxy.close()
    await server.stop()
  })

  test('plays a round, misses nothing across a cut, and comes back after a reload', async () => {
    const seat = await page.evaluate(async (url): Promise<Seat | null> => {
      const creation = { name: 'Sprint 42', creatorName: 'Ada', creatorAvatar: '🦊' }
      const ada = await magnapp.createSession(creation, { url })
      const bob = await magnapp.joinSession(ada.sessionId, { userName: 'Bob', userAvatar: 'owl' }, { url })
      Object.assign(globalThis, { clients: { ada, bob }, frames: [] })
      void (async () => {
        for await (const { type } of bob.events()) frames.push(type)
      })()
      await ada.commands.start()
      await bob.commands.vote('5')
      return ada.seat
    }, proxy.url)
    await page.waitForFunction(() => clients['bob']?.state?.status === 'voting')
    const streamsCut = proxy.streams.count
    proxy.cut()
    await page.evaluate(async () => {
      await clients['ada']?.commands.vote('8')
      await clients['ada']?.commands.reveal()
    })
    await page.waitForFunction(() => frames.includes('round_completed'))
    const seen = await page.evaluate(() => ({
      frames: frames.filter((type) => type !== 'session_updated'),
      statistics: clients['bob']?.state?.current_round?.statistics,
      resyncs: Object.values(clients).map(({ resyncs }) => resyncs),
      isSecure: isSecureContext,
    }))
    expect(seen.frames).toEqual([
      'voting_started',
      'vote_submitted',
      'vote_submitted',
      'votes_revealed',
      'round_completed',
    ])
    expect(seen.statistics).toMatchObject({ average: 6.5, consensus: false, total_votes: 2 })
    // The page is secure, so checksums were compared, and none differed.
    expect(seen).toMatchObject({ isSecure: true, resyncs: [0, 0] })
    // Ada's own commands told her everything: her stream may still be on its way back.
    const streamsBefore = streamsCut + 2
    await until(() => proxy.streams.count === streamsBefore)
    await page.reload()
    await page.evaluate(
      ([url, kept]) => {
        if (kept !== null)
          Object.assign(globalThis, { clients: { ada: magnapp.resumeSession(kept, { url }) } })
      },
      [proxy.url, seat] as const,
    )
    await page.waitForFunction(
      () => clients['ada']?.connection === 'streaming' && clients['ada'].state !== null,
    )
    expect(proxy.streams.count).toBe(streamsBefore + 1)
    await page.evaluate(() => clients['ada']?.commands.start())
    await page.waitForFunction(() => clients['ada']?.state?.status === 'voting')
    await page.evaluate(() => clients['ada']?.commands.end())
    await page.waitForFunction(() => clients['ada']?.connection === 'closed')
  })

  test('is woken when its network is back and when its page is shown again', async () => {
    await page.evaluate(async (url) => {
      const creation = { name: 'Sprint 43', creatorName: 'Ada', creatorAvatar: '🦊' }
      const ada = await magnapp.createSession(creation, { url })
      Object.assign(globalThis, { clients: { ada } })
    }, proxy.url)
    await page.waitForFunction(() => clients['ada']?.connection === 'streaming')
    const network = page.context()
    const returns = [
      async () => {
        await network.setOffline(true)
        await network.setOffline(false)
      },
      () => page.evaluate(() => void document.dispatchEvent(new Event('visibilitychange'))),
    ]
    for (const comesBack of returns) {
      // Nothing has been heard for a second by then.
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      const streams = proxy.streams.count
      proxy.silence()
      await comesBack()
      await until(() => proxy.streams.count > streams)
      expect(proxy.streams.cursors.at(-1)).toMatch(/^\d+$/)
    }
    await page.evaluate(() => clients['ada']?.commands.end())
    await page.waitForFunction(() => clients['ada']?.connection === 'closed')
  })

  test('is told by code why it is refused', async () => {
    const code = await page.evaluate(async (url) => {
      const missing = '00000000-0000-4000-8000-000000000000'
      try {
        await magnapp.joinSession(missing, { userName: 'Bob', userAvatar: 'owl' }, { url })
        return null
      } catch (error) {
        return error instanceof magnapp.MagnaPPError ? error.code : String(error)
      }
    }, proxy.url)
    expect(code).toBe('SESSION_NOT_FOUND')
    // The browser itself reports cut connections and refusals, and nothing else.
    expect(complaints.filter((text) => !/^Failed to load resource: /.test(text))).toEqual([])
  })
})
