import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
]

/** A browser takes its time when other work is running. */
const WAIT_MS_MAX = 60_000

/** The system's Chromium without a window, which opens nothing by itself. */
export function startBrowser(executablePath: string, args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...ARGUMENTS, ...args] })
}

/** A page, and what it did that a person would not see. */
export interface WatchedPage {
  readonly page: Page
  /** What it wrote to its console as warnings or errors, including uncaught errors and policy violations. */
  readonly complaints: string[]
  /** Every address that it requested, including sockets. */
  readonly requests: string[]
}

/** Opens a page that is watched from its first request. */
export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(WAIT_MS_MAX)
  const watched: WatchedPage = { page, complaints: [], requests: [] }
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) watched.complaints.push(message.text())
  })
  page.on('pageerror', (error) => watched.complaints.push(String(error)))
  page.on('request', (request) => watched.requests.push(request.url()))
  page.on('websocket', (socket) => watched.requests.push(socket.url()))
  return watched
}
