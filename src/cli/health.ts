import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { EXIT, UsageError } from './exit.js'

/** For all checks together. */
const LIMIT_MS = 3_000
/** How much of an answer is read; a list of sessions may be longer. */
const ANSWER_CHARACTERS_MAX = 65_536
const OK = 200
/** A server that answers "too many requests" is up. */
const TOO_MANY = 429

interface Answer {
  readonly status: number
  readonly text: string
}

interface Check {
  readonly name: string
  readonly path: string
  readonly isPassed: (answer: Answer) => boolean
  readonly says: (answer: Answer) => string
}

/** What a healthy server must pass. */
const CHECKS: readonly Check[] = [
  {
    name: 'basic_health',
    path: '/health',
    isPassed: ({ status }) => status === OK,
    says: ({ status }) => `Basic health check passed - ${status}`,
  },
  {
    name: 'api_endpoints',
    path: '/api/sessions',
    isPassed: ({ status }) => status === OK || status === TOO_MANY,
    says: () => 'API endpoints accessible',
  },
  {
    name: 'capacity_check',
    path: '/api/health/capacity',
    isPassed: ({ status, text }) => status === TOO_MANY || text.includes('capacity'),
    says: () => 'Capacity monitoring functional',
  },
  {
    name: 'readiness',
    path: '/readyz',
    isPassed: ({ status }) => status === OK,
    says: () => 'Ready for requests',
  },
]

/**
 * `magnapp health`: checks whether a server works, answers and is ready, and prints the result.
 * Meant for a container's health check, so it needs no shell and ends within {@link LIMIT_MS}.
 * @param given - the server's URL; without one the server that the environment describes
 * @returns 0 when every check passes; 1 when one fails or no answer comes in time
 */
export async function health(given: string | undefined): Promise<number> {
  const base = addressOf(given ?? (await import('./own-url.js')).ownUrl())
  const signal = AbortSignal.timeout(LIMIT_MS)
  const passed = new Set<string>()
  try {
    for (const { name, path, isPassed, says } of CHECKS) {
      const answer = await ask(new URL(path, base), { signal, isOwn: given === undefined })
      if (!isPassed(answer)) continue
      passed.add(name)
      say(`✓ ${says(answer)}`)
    }
  } catch (error) {
    say(`✗ Health check failed: ${base.origin}: ${reasonOf(error)}`)
    return EXIT.fault
  }
  const isHealthy = passed.size === CHECKS.length
  say(`\nHealth Check Summary (${new Date().toISOString()})`)
  say(`Overall Status: ${isHealthy ? '✓ HEALTHY' : '✗ UNHEALTHY'}`)
  for (const { name } of CHECKS) say(`  ${name}: ${passed.has(name) ? '✓' : '✗'}`)
  return isHealthy ? EXIT.ok : EXIT.fault
}

function addressOf(base: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError(`--url is ${JSON.stringify(base)}; it may hold an http: or https: URL`)
  url.username = ''
  url.password = ''
  return url
}

/**
 * The certificate of our own server, or of any on this machine, is not verified: it is for the
 * name that clients use, and nobody sits in between.
 */
function ask(
  url: URL,
  { signal, isOwn }: { readonly signal: AbortSignal; readonly isOwn: boolean },
): Promise<Answer> {
  const rejectUnauthorized = !isOwn && !isLoopback(url)
  return new Promise((resolve, reject) => {
    const options = { signal, headers: { Connection: 'close' } }
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, rejectUnauthorized })
        : httpRequest(url, options)
    request.once('error', reject)
    request.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
        if (text.length < ANSWER_CHARACTERS_MAX) return
        resolve({ status: response.statusCode ?? 0, text })
        request.destroy()
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
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
