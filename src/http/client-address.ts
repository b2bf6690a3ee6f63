import { isIP } from 'node:net'
import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

/** An IPv6 address in brackets with its zone, a colon and a port. */
const ADDRESS_LENGTH_MAX = 80
/** An address as some proxies forward it: `[v6]:port`, `[v6]`, `v4:port`. */
const BRACKETED_OR_WITH_PORT = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/

/**
 * Whom a request counts for, where clients are limited: the address that it came from, as far as
 * `TRUST_PROXY` believes what proxies say, else the connection's. Of an IPv6 address only the first 56
 * bits, since whoever has one has all the others of that net too.
 */
export function clientAddress({ ip, socket }: Request): string {
  return ipKeyGenerator(addressOf(ip ?? '') ?? socket.remoteAddress ?? '')
}

/** The address alone, however a proxy writes it; `null`: it is none. */
export function addressOf(forwarded: string): string | null {
  if (forwarded.length > ADDRESS_LENGTH_MAX) return null
  const [, v6, v4] = BRACKETED_OR_WITH_PORT.exec(forwarded) ?? []
  const address = v6 ?? v4 ?? forwarded
  return isIP(address) > 0 ? address : null
}
