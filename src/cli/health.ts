import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { EXIT, UsageError } from './exit.js'

const LIMIT_MS = 3_000
const PATH = '/readyz'
const STATUS_READY = 200

/**
 * `magnapp health`: asks a server once whether it is ready, and says so in one line. Meant for a
 * container's health check, so it needs no shell and ends within {@link LIMIT_MS}.
 * @param given - the server's URL; without one the server that the environment describes
 * @returns 0 when it is ready; 1 when it is not, or does not answer in time
 */
export async function health(given: string | undefined): Promise<number> {
  const base = given ?? (await import('./own-url.js')).ownUrl()
  const url = addressOf(base)
  const startedAt = performance.now()
  try {
    const status = await statusOf(url, { isOwn: given === undefined })
    const isReady = status === STATUS_READY
    const afterMs = Math.round(performance.now() - startedAt)
    say(`${isReady ? 'ready' : 'not ready'}: ${url.href} answered ${status} after ${afterMs} ms`)
    return isReady ? EXIT.ok : EXIT.fault
  } catch (error) {
    say(`no answer: ${url.href}: ${reasonOf(error)}`)
    return EXIT.fault
  }
}

function addressOf(base: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url is ${JSON.stringify(base)}; it may hold an http: or https: URL`)
  url.username = ''
  url.password = ''
  return new URL(PATH, url)
}

/**
 * The certificate of one's own server, or of any on this machine, is not verified: it is for the
 * name that clients use, and nobody is between.
 */
function statusOf(url: URL, { isOwn }: { readonly isOwn: boolean }): Promise<number> {
  const signal = AbortSignal.timeout(LIMIT_MS)
  const rejectUnauthorized = !isOwn && !isLoopback(url)
  return new Promise((resolve, reject) => {
    const options = { signal, headers: { Connection: 'close' } }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized })
        : httpRequest(url, options)
    request.once('error', reject)
    request.once('response', (response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    request.end()
  })
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' || error.name === 'TimeoutError')
    return `nothing within ${LIMIT_MS / 1_000} s`
  return 'code' in error ? String(error.code) : error.message
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
