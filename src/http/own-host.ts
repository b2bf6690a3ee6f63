import { isIPv4, isIPv6 } from 'node:net'
import type { Request } from 'express'
import type { Config } from '../platform/config.js'
import { isHost } from '../platform/setting.js'

type PublicAddress = Pick<Config, 'PUBLIC_URL'>

/** A name of 253 characters, a dot at its end, a colon and a port. */
const HOST_FIELD_LENGTH_MAX = 260
const HOST_FIELD = /^(?:\[(?<v6>[\d.:a-f]+)\]|(?<name>[^:]+?)\.?)(?::(?<port>\d{0,5}))?$/i
const PORT_MAX = 65_535
/** A last label that makes a URL's host an IPv4 address. */
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[\da-f]*)$/i
/** A label that may encode characters beyond ASCII, or be no encoding at all. */
const HAS_ENCODED_LABEL = /(?:^|\.)xn--/i

/**
 * Whether a `Host` or `X-Forwarded-Host` names a possible host (RFC 9110, section 7.2), also in a URL: links
 * and origins are made from it.
 */
export function isHostField(field: string): boolean {
  if (field.length > HOST_FIELD_LENGTH_MAX) return false
  const { v6, name = '', port = '' } = HOST_FIELD.exec(field)?.groups ?? {}
  return (v6 === undefined ? isHost(name) && isUrlHost(name) : isIPv6(v6)) && Number(port) <= PORT_MAX
}

/** `URL` itself is asked only where that is necessary: it takes as long as all other checks of a host. */
function isUrlHost(name: string): boolean {
  if (ENDS_IN_NUMBER.test(name)) return isIPv4(name)
  return !HAS_ENCODED_LABEL.test(name) || URL.canParse(`http://${name}`)
}

/** The origin at which the client reached this server, as a browser writes it. */
function requestOrigin(request: Request): string {
  return new URL(`${request.secure ? 'https' : 'http'}://${request.host}`).origin
}

/** What links begin with: `PUBLIC_URL`, otherwise the origin at which the client reached this server. */
export function publicAddress(request: Request, { PUBLIC_URL }: PublicAddress): string {
  return PUBLIC_URL ?? requestOrigin(request)
}

/** The origins of this server's own pages. */
export function ownOrigins(request: Request, { PUBLIC_URL }: PublicAddress): string[] {
  return [requestOrigin(request), ...(PUBLIC_URL === null ? [] : [new URL(PUBLIC_URL).origin])]
}

/** Whether this server is known by a host name, on any port. Cookies go to every port of a host. */
export function isOwnHostname(hostname: string, request: Request, config: PublicAddress): boolean {
  return ownOrigins(request, config).some((origin) => isSameHost(new URL(origin).hostname, hostname))
}

function isSameHost(one: string, other: string): boolean {
  return one.replace(/\.$/, '') === other.replace(/\.$/, '')
}
