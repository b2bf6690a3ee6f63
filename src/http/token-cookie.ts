import type { CookieOptions, Request, Response } from 'express'
import type { SessionId } from '../../machines/ids.js'
import type { Config } from '../platform/config.js'

/** Longer values cannot be a token. In characters. */
const TOKEN_LENGTH_MAX = 256
const DAY_MS = 24 * 3_600_000

/**
 * The token that a browser keeps for a session (contract section 4), out of reach of scripts. Several cookies
 * of that name count as none: a neighbour under the same domain can set another, and nobody can tell which
 * one is this server's.
 */
export function tokenCookieOf(request: Request, sessionId: SessionId): string | null {
  const { cookie } = request.headers
  const [token, ...others] = cookie === undefined ? [] : cookieValues(cookie, nameFor(request, sessionId))
  return token === undefined || others.length > 0 || token.length > TOKEN_LENGTH_MAX ? null : token
}

/**
 * Sets the token cookie. It lasts as long as the session can be idle, and at least a day: a browser keeps
 * some 180 cookies per host and sends them all.
 */
export function setTokenCookie(
  request: Request,
  response: Response,
  { sessionId, token }: { readonly sessionId: SessionId; readonly token: string },
  { SESSION_TIMEOUT_MINUTES }: Pick<Config, 'SESSION_TIMEOUT_MINUTES'>,
): void {
  const maxAge = Math.max(SESSION_TIMEOUT_MINUTES, DAY_MS)
  response.cookie(nameFor(request, sessionId), token, { ...optionsFor(request), maxAge })
}

/** Clears the cookie, which has served its purpose. */
export function clearTokenCookie(request: Request, response: Response, sessionId: SessionId): void {
  response.clearCookie(nameFor(request, sessionId), optionsFor(request))
}

/** Every value that a `Cookie` header has for a name, in order. */
export function cookieValues(header: string, name: string): string[] {
  const values: string[] = []
  const start = `${name}=`
  for (let at = header.indexOf(start); at >= 0; at = header.indexOf(start, at + start.length)) {
    const before = header[at - 1]
    if (before !== undefined && before !== ';' && before !== ' ') continue
    const end = header.indexOf(';', at)
    values.push(header.slice(at + start.length, end < 0 ? undefined : end).trimEnd())
  }
  return values
}

/**
 * A cookie with this prefix can be set only by this very host, over TLS, for all of its paths (RFC 6265bis,
 * section 4.1.3.2).
 */
function nameFor({ secure }: Request, sessionId: SessionId): string {
  return secure ? `__Host-magnapp_${sessionId}` : `magnapp_${sessionId}`
}

function optionsFor({ secure }: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', path: secure ? '/' : '/api', secure }
}
