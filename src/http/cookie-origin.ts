import type { Request } from 'express'
import type { Config } from '../platform/config.js'
import { ownOrigins } from './own-host.js'

export type OriginConfig = Pick<Config, 'CORS_ORIGINS' | 'CORS_CREDENTIALS' | 'PUBLIC_URL'>

/** How much of an `Accept` is examined, in code units; browsers send fewer than 200. */
const ACCEPT_LENGTH_MAX = 2_048

/**
 * Whether the cookie may act with this request (contract section 4). A browser sends it with whatever any
 * page, link or image makes it request; only pages of this server and of listed origins may act with it.
 *
 * - `Origin` names the page's origin. Browsers send it with everything but plain GETs.
 * - Otherwise `Sec-Fetch-Site` decides. `same-site` is a neighbour, not the owner; `none` is somebody who
 * follows a link from outside the browser.
 * - Over plain HTTP in a LAN, a GET has neither. A page's script and its `EventSource` do not ask for
 * `text/html`, as somebody who follows a link does.
 * - Without either, a request other than GET does not come from a current browser.
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
