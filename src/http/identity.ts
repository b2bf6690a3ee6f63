import { parse } from 'cookie'
import type { CookieOptions, Request, Response } from 'express'
import type { SessionId, UserId } from '../../machines/ids.js'
import { participantOf } from '../../machines/session/context.js'
import type { Config } from '../platform/config.js'
import type { SessionHost } from '../runtime/session-host.js'
import { WireError } from '../wire/errors.js'
import { ownOrigins } from './own-host.js'

type IdentityConfig = Pick<Config, 'IDENTITY' | 'CORS_ORIGINS' | 'PUBLIC_URL'>

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i

/**
 * Whose request this is (contract section 4).
 * @param claimed - the participant that the query names
 * @throws {WireError} `USER_NOT_FOUND` for a claim that names nobody here, `AUTHENTICATION_REQUIRED`
 * without a proof, `UNAUTHORIZED` with somebody else's
 */
export function identify(
  request: Request,
  host: SessionHost,
  claimed: UserId | undefined,
  config: IdentityConfig,
): UserId {
  if (claimed !== undefined && participantOf(host.snapshot.context, claimed) === undefined) {
    throw new WireError('USER_NOT_FOUND', {
      detail: 'No such participant in this session.',
      context: { user_id: claimed },
    })
  }
  const owner = provenOwner(request, host, config)
  if (owner !== null) {
    if (claimed === undefined || claimed === owner) return owner
    throw new WireError('UNAUTHORIZED', { detail: 'The token is not that of the named participant.' })
  }
  if (config.IDENTITY === 'open' && claimed !== undefined) return claimed
  throw new WireError('AUTHENTICATION_REQUIRED', {
    detail:
      config.IDENTITY === 'open'
        ? 'Name yourself with user_id.'
        : 'Send your user_token as "Authorization: Bearer …", or the cookie that came with it.',
  })
}

/** Who is watching: a proven participant, or `null` for somebody who claims and proves nothing. */
export function identifyWatcher(
  request: Request,
  host: SessionHost,
  claimed: UserId | undefined,
  config: IdentityConfig,
): UserId | null {
  if (claimed === undefined && tokenOf(request, host.id) === null) return null
  return identify(request, host, claimed, config)
}

/** Gives a browser the token where its scripts cannot read it, for this session only. */
export function setTokenCookie(
  request: Request,
  response: Response,
  sessionId: SessionId,
  token: string,
): void {
  response.cookie(cookieName(sessionId), token, cookieOptions(request))
}

export function clearTokenCookie(request: Request, response: Response, sessionId: SessionId): void {
  response.clearCookie(cookieName(sessionId), cookieOptions(request))
}

function provenOwner(request: Request, host: SessionHost, config: IdentityConfig): UserId | null {
  const proof = tokenOf(request, host.id)
  if (proof === null) return null
  const owner = host.credentials.ownerOf(proof.token)
  if (owner === null)
    throw new WireError('UNAUTHORIZED', { detail: 'The token belongs to nobody in this session.' })
  if (proof.isFromCookie) refuseForeignOrigin(request, config)
  return owner
}

function tokenOf(request: Request, sessionId: SessionId): { token: string; isFromCookie: boolean } | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) {
    const token = BEARER.exec(authorization)?.[1]
    if (token !== undefined) return { token, isFromCookie: false }
    throw new WireError('AUTHENTICATION_REQUIRED', {
      detail: 'The Authorization header must be "Bearer" and a token.',
    })
  }
  const token = cookie === undefined ? undefined : parse(cookie)[cookieName(sessionId)]
  return token === undefined ? null : { token, isFromCookie: true }
}

/** A browser sends the cookie with requests that other sites' pages make; they must not act with it. */
function refuseForeignOrigin(request: Request, config: IdentityConfig): void {
  const { origin } = request.headers
  if (origin === undefined || request.method === 'GET' || request.method === 'HEAD') return
  if (ownOrigins(request, config).includes(origin) || config.CORS_ORIGINS.includes(origin)) return
  throw new WireError('UNAUTHORIZED', { detail: 'Requests from this origin may not use the cookie.' })
}

function cookieName(sessionId: SessionId): string {
  return `magnapp_${sessionId}`
}

function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'lax', path: '/api', secure: request.secure }
}
