import type { Request } from 'express'
import type { UserId } from '../../machines/ids.js'
import { participantOf } from '../../machines/session/context.js'
import type { Config } from '../platform/config.js'
import type { SessionHost } from '../runtime/session-host.js'
import { WireError } from '../wire/errors.js'
import { mayActByCookie, type OriginConfig } from './cookie-origin.js'
import { clearTokenCookie, tokenCookieOf } from './token-cookie.js'

type IdentityConfig = Pick<Config, 'IDENTITY'> & OriginConfig

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i
/** How much of an `Authorization` is examined, in code units. */
const AUTHORIZATION_LENGTH_MAX = 512

/**
 * Who makes this request (contract section 4): the owner of the token in `Authorization`; with
 * `IDENTITY=open`, the participant named in the query; or the owner of the cookie.
 * @param claimed - the participant named in the query
 * @throws {WireError} `USER_NOT_FOUND` for a claim that names nobody here, `AUTHENTICATION_REQUIRED` without
 * proof, `UNAUTHORIZED` with somebody else's proof, or with a cookie from a page that may not act with it
 */
export function identify(
  request: Request,
  host: SessionHost,
  claimed: UserId | undefined,
  config: IdentityConfig,
): UserId {
  refuseUnknown(claimed, host)
  const owner = provenOwner(request, host, claimed, config)
  if (owner === null) throw unproven(config)
  if (claimed === undefined || claimed === owner) return owner
  throw new WireError('UNAUTHORIZED', {
    detail: 'The token does not belong to the named participant.',
    context: { user_id: claimed },
  })
}

/**
 * Who is watching: an authenticated participant, or `null` if the request claims and proves nothing.
 * @throws {WireError} as {@link identify}, once something is claimed or proven
 */
export function identifyWatcher(
  request: Request,
  host: SessionHost,
  claimed: UserId | undefined,
  config: IdentityConfig,
): UserId | null {
  return claimed === undefined
    ? provenOwner(request, host, claimed, config)
    : identify(request, host, claimed, config)
}

/** Whoever makes this request, where nobody has to say so; `null`: nobody known here. */
export function recognise(request: Request, host: SessionHost, config: IdentityConfig): UserId | null {
  try {
    return provenOwner(request, host, undefined, config)
  } catch (error) {
    if (error instanceof WireError) return null
    throw error
  }
}

function provenOwner(
  request: Request,
  host: SessionHost,
  claimed: UserId | undefined,
  config: IdentityConfig,
): UserId | null {
  const { authorization } = request.headers
  if (authorization !== undefined) return bearer(authorization, host)
  if (config.IDENTITY === 'open' && claimed !== undefined) return claimed
  return cookieOwner(request, host, config)
}

function bearer(authorization: string, host: SessionHost): UserId {
  const token = bearerTokenOf(authorization)
  if (token === null) {
    throw new WireError('AUTHENTICATION_REQUIRED', {
      detail: 'The Authorization header must be "Bearer" followed by a token.',
    })
  }
  const owner = host.credentials.ownerOf(token)
  if (owner !== null) return owner
  throw new WireError('UNAUTHORIZED', { detail: 'The token belongs to nobody in this session.' })
}

/** The token of an `Authorization` header (RFC 6750, section 2.1); `null`: it has none. */
export function bearerTokenOf(authorization: string): string | null {
  if (authorization.length > AUTHORIZATION_LENGTH_MAX) return null
  return BEARER.exec(authorization)?.[1] ?? null
}

/** A cookie that no longer proves anything counts as none, and is cleared. */
function cookieOwner(request: Request, host: SessionHost, config: IdentityConfig): UserId | null {
  const token = tokenCookieOf(request, host.id)
  if (token === null) return null
  const owner = host.credentials.ownerOf(token)
  if (owner === null) {
    if (request.res !== undefined) clearTokenCookie(request, request.res, host.id)
    return null
  }
  if (mayActByCookie(request, config)) return owner
  throw new WireError('UNAUTHORIZED', { detail: 'A page of this origin may not act with the cookie.' })
}

function refuseUnknown(claimed: UserId | undefined, host: SessionHost): void {
  if (claimed === undefined || participantOf(host.snapshot.context, claimed) !== undefined) return
  throw new WireError('USER_NOT_FOUND', {
    detail: 'No such participant in this session.',
    context: { user_id: claimed },
  })
}

function unproven({ IDENTITY }: IdentityConfig): WireError {
  return new WireError('AUTHENTICATION_REQUIRED', {
    detail:
      IDENTITY === 'open'
        ? 'Identify yourself with user_id.'
        : 'Send your user_token as "Authorization: Bearer …", or the cookie that was set with it.',
  })
}
