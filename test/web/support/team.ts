import { networkInterfaces } from 'node:os'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { startBrowser } from '../../support/browser.js'
import { type BuiltServer, startBuiltServer } from '../../support/built-server.js'
import { HOST } from '../../support/front-proxy.js'
import { program } from '../../support/programs.js'

/** A browser takes its time on a busy machine. */
export const PATIENCE_MS = 120_000
const WAIT_MS_MAX = 30_000

const CHROMIUM = program('chromium')

/** `describe` where there is a browser; elsewhere the tests are skipped, and one line says so. */
const withBrowser = CHROMIUM === null ? describe.skip : describe

/**
 * Tests with a team whose server has these settings; `null`: they open what a test has started behind a
 * proxy. After each test the page must have done nothing invisibly; without Chromium they are skipped.
 */
export function withTeam(
  name: string,
  environment: Record<string, string> | null,
  tests: (team: Team) => void,
): void {
  withBrowser(name, () => {
    const team = new Team()
    beforeAll(() => team.gather(environment))
    afterAll(() => team.close())
    afterEach(() => {
      expect(team.faults).toEqual([])
    })
    tests(team)
  })
}

/** A proxy on this machine is found and its certificate accepted, by the page's worker too. */
const BEHIND_PROXY = [`--host-resolver-rules=MAP ${HOST} 127.0.0.1`, '--ignore-certificate-errors']

/** What the browser itself reports when a server is away or refuses; no fault of the page's. */
const BROWSERS_OWN = /^(Failed to load resource: |An unknown error occurred when fetching the script\.)/

/** Somebody with a browser of their own. */
export interface Person {
  readonly name: string
  readonly context: BrowserContext
  readonly page: Page
}

/** A team at its screens, and the server that they all open. */
export class Team {
  #browser: Browser | null = null
  readonly #servers: BuiltServer[] = []
  readonly #faults: string[] = []
  readonly #requests = new Set<string>()
  /** Where the page is opened; a proxy's address if a test puts one in between. */
  url = ''

  /** Starts a browser, and the built server if the team is to have one. */
  async gather(environment: Record<string, string> | null): Promise<void> {
    this.#browser = await startBrowser(CHROMIUM ?? '', environment === null ? BEHIND_PROXY : [])
    if (environment !== null) await this.serve(environment)
  }

  get browser(): Browser {
    if (this.#browser === null) throw new Error('no browser was started')
    return this.#browser
  }

  get server(): BuiltServer {
    const server = this.#servers.at(-1)
    if (server === undefined) throw new Error('no server was started')
    return server
  }

  /** What the page did that nobody would see: errors, policy violations, requests elsewhere. */
  get faults(): readonly string[] {
    const foreign = [...this.#requests].filter((origin) => !this.#isOwn(origin))
    return [...this.#faults, ...foreign.map((origin) => `a request to ${origin}`)]
  }

  /** Forgets what the page was made to do. */
  forgetFaults(): void {
    this.#faults.length = 0
  }

  /** Starts the built server, or another one if there is one already. */
  async serve(environment: Record<string, string> = {}): Promise<BuiltServer> {
    const server = await startBuiltServer({ MAX_SESSIONS: '100', RATE_LIMITING: 'false', ...environment })
    this.#servers.push(server)
    this.url = server.url
    return server
  }

  /** Somebody opens a fresh browser, which has seen nothing yet. */
  async person(name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await this.browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...options })
    context.setDefaultTimeout(WAIT_MS_MAX)
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        // biome-ignore lint/suspicious/noConsole: the test reads it there.
        console.error(`policy ${violatedDirective} blocked ${blockedURI}`)
      })
    })
    context.on('page', (page) => this.#watch(page, name))
    return { name, context, page: await context.newPage() }
  }

  /** Opens a table and leads it. */
  async opensTable(leader: Person, table = 'Sprint 42'): Promise<string> {
    const { page } = leader
    await page.goto(this.url)
    await page.getByRole('textbox', { name: 'Your name' }).fill(leader.name)
    await page.getByRole('textbox', { name: 'Name of the table' }).fill(table)
    await page.getByRole('button', { name: 'Open the table' }).click()
    await page.getByRole('button', { name: 'Start the round' }).waitFor()
    return page.url()
  }

  /** Follows a link and takes a seat. */
  async joins(person: Person, link: string): Promise<void> {
    const { page } = person
    await page.goto(link)
    await page.getByRole('textbox', { name: 'Your name' }).fill(person.name)
    await page.keyboard.press('Enter')
    await seat(person, person.name).getByText(/^You/).waitFor({ state: 'attached' })
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    await Promise.all(this.#servers.map((server) => server.stop('SIGKILL')))
  }

  #watch(page: Page, name: string): void {
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (!BROWSERS_OWN.test(message.text())) this.#faults.push(`${name}: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.#faults.push(`${name}: ${error}`))
    page.on('request', (request) => this.#requests.add(new URL(request.url()).origin))
    page.on('websocket', (socket) => this.#requests.add(new URL(socket.url()).origin))
  }

  /** A test may put proxies on this same machine in between. */
  #isOwn(origin: string): boolean {
    const { hostname } = new URL(origin)
    return ['127.0.0.1', 'localhost', HOST, ...ownAddresses()].includes(hostname)
  }
}

/** This machine's address in its network. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}

/** A visible text; the live regions, which are invisible, may say the same. */
export function onScreen(
  { page }: Person,
  text: string | RegExp,
  options: { exact?: boolean } = {},
): Locator {
  return page.getByText(text, options).and(page.locator(':not(#said):not(#urgent)'))
}

/** A card of somebody's hand, by its value. In a result, the ruler of estimates has radios of the same names. */
export function card({ page }: Person, value: string) {
  return page.locator('#hand').getByRole('radio', { name: value, exact: true })
}

/** Somebody's entry in somebody's list of people. */
export function seat({ page }: Person, name: string) {
  return page.getByRole('region', { name: 'At the table' }).getByRole('listitem').filter({ hasText: name })
}

/** Changes a table's settings over the API alone, as its leader may. */
export async function setRules({ page }: Person, settings: object): Promise<void> {
  const changed = await page.evaluate(async (body) => {
    const [{ sessionId, userToken }] = JSON.parse(localStorage.getItem('magnapp.seats') ?? '[{}]')
    const { ok } = await fetch(`/api/sessions/${sessionId}/settings`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${userToken}` },
      body: JSON.stringify(body),
    })
    return ok
  }, settings)
  if (!changed) throw new Error('the settings were refused')
}
