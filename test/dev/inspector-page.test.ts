import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { Api, type Person } from '../support/api.js'
import { startBrowser, type WatchedPage, watchedPage } from '../support/browser.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { program } from '../support/programs.js'
import { TestStream } from '../support/sse.js'

/** A browser that shares the machine takes its time. */
jest.setTimeout(120_000)

const CHROMIUM = program('chromium')
/** UPDATE_IMAGES=true renews the picture in the documentation. */
const PICTURE =
  process.env['UPDATE_IMAGES'] === 'true' ? join(__dirname, '../../docs/images/inspector.png') : null

const suite = CHROMIUM === null ? describe.skip : describe

suite('the inspector in a browser', () => {
  let server: BuiltServer
  let browser: Browser
  let watched: WatchedPage
  let api: Api
  let ada: Person
  let bob: Person

  beforeAll(async () => {
    browser = await startBrowser(CHROMIUM ?? '')
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    server = await startBuiltServer({ INSPECT: 'true', RATE_LIMITING: 'false', REVEAL_SECONDS: '600' })
    api = new Api(server.url)
    watched = await watchedPage(browser, { viewport: { width: 1680, height: 1050 }, deviceScaleFactor: 2 })
    await watched.page.goto(`${server.url}/inspect`)
    ada = await api.create('Sprint 42', 'Ada')
    bob = await api.join(ada.sessionId, 'Bob')
  })
  afterEach(async () => {
    await watched.page.context().close()
    await server.stop()
  })

  const isLit = (stateId: string) =>
    watched.page.locator(`[data-state-id="${stateId}"].active`).waitFor({ state: 'attached' })
  const text = async (selector: string) => (await watched.page.locator(selector).textContent()) ?? ''

  test('highlights voting when a round starts, lists what happened, and counts the timers down', async () => {
    const { page } = watched
    await isLit('session.active.led.round.waiting')
    await api.command(ada, 'start')
    await isLit('session.active.led.round.voting')
    await isLit('session.active')
    expect(await page.locator('[data-state-id$=".waiting"].active').count()).toBe(0)
    await page.locator('#log', { hasText: 'round.start' }).waitFor()
    await page.locator('#log', { hasText: 'round.waiting → round.voting [permitted]' }).waitFor()
    await page.locator('#actors', { hasText: /supervisor.*Sprint 42.*voting/s }).waitFor()
    // The idle warning is one of several timers.
    const left = () => text('#timers output >> nth=1')
    const before = await left()
    expect(before).toMatch(/^[78]:\d\d\.\d$/)
    await page.locator('#timers output >> nth=1').filter({ hasNotText: before }).waitFor()
    expect((await left()) < before).toBe(true)
  })

  test('hides votes until the reveal, then shows them', async () => {
    const { page } = watched
    const streams = [ada, bob].map(({ sessionId, token }) => new TestStream(server.url, sessionId, { token }))
    await Promise.all(streams.map((stream) => stream.untilType('session_updated')))
    await api.command(ada, 'start')
    await api.command(ada, 'vote', { vote: '21' })
    await api.command(bob, 'vote', { vote: 'coffee' })
    await page.locator('#log .event', { hasText: 'vote.cast' }).nth(1).waitFor()
    await page.locator('#context', { hasText: /votes.*hidden.*hidden/s }).waitFor()
    const hidden = await page.content()
    expect(hidden).not.toMatch(/coffee|>21</)
    expect(hidden).not.toContain(ada.token)
    if (PICTURE !== null) await page.screenshot({ path: PICTURE })
    await api.command(ada, 'reveal')
    await isLit('session.active.led.round.revealing')
    await page.locator('#context', { hasText: /votes.*21.*coffee/s }).waitFor()
    for (const stream of streams) stream.close()
  })

  test('makes requests only to its server, and violates no policy', async () => {
    await api.command(ada, 'start')
    await isLit('session.active.led.round.voting')
    await watched.page.locator('#actors button', { hasText: 'supervisor' }).click()
    await isLit('supervisor.running.accepting')
    const { host } = new URL(server.url)
    expect(watched.requests.length).toBeGreaterThan(10)
    expect(watched.requests.filter((url) => new URL(url).host !== host)).toEqual([])
    expect(watched.requests).toContain(`ws://${host}/inspect/socket`)
    expect(watched.complaints).toEqual([])
  })

  test('shows the chosen actor even if the drawing of an earlier choice arrives later', async () => {
    const { page } = watched
    const drawing = '**/charts/supervisor.svg'
    const held: (() => Promise<void>)[] = []
    await page.route(drawing, (route) => {
      held.push(() => route.continue())
    })
    const asked = page.waitForRequest(drawing)
    await page.reload()
    await page.locator('#actors button', { hasText: 'supervisor' }).click()
    await asked
    await page.locator('#actors button', { hasText: 'Sprint 42' }).click()
    await isLit('session.active.led.round.waiting')
    const came = page.waitForResponse(drawing).then((response) => response.finished())
    await Promise.all(held.map((release) => release()))
    await came
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    await isLit('session.active.led.round.waiting')
    expect(await page.locator('[data-state-id^="supervisor"]').count()).toBe(0)
  })

  test('shows every actor if opened late, and finds a restarted server again', async () => {
    await api.command(ada, 'start')
    await watched.page.reload()
    await isLit('session.active.led.round.voting')
    const port = new URL(server.url).port
    await server.stop()
    await watched.page.locator('#connection', { hasText: 'disconnected' }).waitFor()
    server = await startBuiltServer({ INSPECT: 'true', PORT: port })
    await watched.page.locator('#connection.live').waitFor()
    // The new server sends its greeting first, then its actors.
    await watched.page.locator('#actors').filter({ hasNotText: 'Sprint 42' }).waitFor()
  })
})
