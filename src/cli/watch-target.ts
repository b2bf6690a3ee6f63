import { UsageError } from './exit.js'

/** The arguments of `magnapp watch`. */
export interface Watching {
  /** A session id, or a URL with one in its query or its path. */
  readonly session: string
  readonly url: string | undefined
  readonly token: string | undefined
}

/** Which session to follow, where, and as whom. */
export interface Target {
  readonly sessionId: string
  /** The server's origin. */
  readonly url: string
  /** Sends the token with each request, if there is one. */
  readonly fetcher: typeof fetch
}

const JOIN_PATH = /^(.*)\/s\/[^/]+\/?$/
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/**
 * The server comes from `--url`, otherwise from a join URL, otherwise from the environment. The token
 * is `--token`, otherwise `MAGNAPP_TOKEN`.
 * @throws {UsageError} when there is no session id in it, or the URL is not valid
 */
export async function targetOf({ session, url, token }: Watching): Promise<Target> {
  const link = serverOf(session)
  const [sessionId] = UUID.exec(session) ?? []
  if (sessionId === undefined || (link === null && sessionId !== session))
    throw new UsageError(`${JSON.stringify(session)} is neither a session's id nor a join URL`)
  const given = url === undefined ? link : serverOf(url)
  if (url !== undefined && given === null)
    throw new UsageError(`--url is ${JSON.stringify(url)}; it may hold an http: or https: URL`)
  return {
    sessionId: sessionId.toLowerCase(),
    url: given ?? (await import('./own-url.js')).ownUrl(),
    fetcher: fetcherWith(token ?? process.env['MAGNAPP_TOKEN']),
  }
}

/** The server that a link leads to; a page under a base path has its API under it too. */
function serverOf(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, origin, pathname } = new URL(text)
  const [, base = ''] = JOIN_PATH.exec(pathname) ?? []
  return protocol === 'http:' || protocol === 'https:' ? origin + base : null
}

function fetcherWith(token: string | undefined): typeof fetch {
  if (token === undefined) return fetch
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('Authorization', `Bearer ${token}`)
    return fetch(input, { ...init, headers })
  }
}
