import type { Request } from 'express'
import type { Config } from '../platform/config.js'
import { ownOrigins } from './own-host.js'

export type OriginConfig = Pick<Config, 'CORS_ORIGINS' | 'CORS_CREDENTIALS' | 'PUBLIC_URL'>

/** Of an `Accept` that is looked at, in code units; browsers send less than 200. */
const ACCEPT_LENGTH_MAX = 2_048

/**
 * Whether the cookie may act with this request (contract section 4). A browser sends it along with whatever
 * any page, link or image makes it ask for; only pages of this server's own and of listed origins may act
 * with it.
 *
 * - `Origin` says whose page it was, wherever a browser sends it: with everything but plain GETs.
 * - Else `Sec-Fetch-Site` does. `same-site` is a neighbour, who is not the owner; `none` is somebody who
 *   follows a link from outside of the browser.
 * - Over plain HTTP in a LAN a GET has neither. A page's own script and its `EventSource` do not ask for
 *   `text/html`, as somebody does who follows a link.
 * - Without either, a request that is no GET comes from no browser of these years.
 */
export function mayActByCookie(request: Request, config: OriginConfig): boolean {
  const { origin, 'sec-fetch-site': site, accept = '' } = request.headers
  if (origin !== undefined) return ownOrigins(request, config).includes(origin) || isListed(origin, config)
  if (site !== undefined) return site === 'same-origin'
  return !isRead(request) || !namesPage(accept)
}

function isListed(origin: string, { CORS_ORIGINS, CORS_CREDENTIALS }: OriginConfig): boolean {
  return CORS_CREDENTIALS && CORS_ORIGINS.includes(origin)
}

function isRead({ method }: Request): boolean {
  return method === 'GET' || method === 'HEAD'
}

function namesPage(accept: string): boolean {
  return accept.length > ACCEPT_LENGTH_MAX || accept.toLowerCase().includes('text/html')
}
