import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

/**
 * Whom a request counts for, where clients are limited: the address that it came from, as far as
 * `TRUST_PROXY` believes what proxies say. Of an IPv6 address only the first 56 bits, since whoever
 * has one has all the others of that net too.
 */
export function clientAddress({ ip }: Request): string {
  return ipKeyGenerator(ip ?? '')
}
