import { isIP } from 'node:net'
import type { Request } from 'express'

/** An IPv6 address in brackets with its zone, a colon and a port. */
const ADDRESS_LENGTH_MAX = 80
/** An address as some proxies forward it: `[v6]:port`, `[v6]`, `v4:port`. */
const BRACKETED_OR_WITH_PORT = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/
/** An IPv4 address in an IPv6 socket, as a URL writes it: two groups of digits. */
const MAPPED = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/
const GROUPS = 8

/**
 * The client that a request counts for: the forwarded address, as far as `TRUST_PROXY` trusts the proxies,
 * otherwise the connection's.
 */
export function clientAddress(request: Request): string {
  const isForwarded = request.headers['x-forwarded-for'] !== undefined
  // Express looks for proxies even where none is named, at 2 µs a request.
  const forwarded = isForwarded ? addressOf(request.ip ?? '') : null
  return netOf(forwarded ?? request.socket.remoteAddress ?? '')
}

/** The bare address, whatever form a proxy writes it in; `null`: not an address. */
export function addressOf(forwarded: string): string | null {
  if (forwarded.length > ADDRESS_LENGTH_MAX) return null
  const [, v6, v4] = BRACKETED_OR_WITH_PORT.exec(forwarded) ?? []
  const address = v6 ?? v4 ?? forwarded
  return isIP(address) > 0 ? address : null
}

/**
 * What counts as one client: an IPv4 address, or the first 56 bits of an IPv6 address, since whoever has one
 * address usually has the whole network.
 * @param address - of a connection, or one that {@link addressOf} has checked; `isIPv6` would compile its
 * pattern for the first connection, which takes 3 ms of the start
 */
export function netOf(address: string): string {
  if (!address.includes(':')) return address
  const [plain = ''] = address.split('%', 1)
  const shortest = new URL(`http://[${plain}]`).hostname.slice(1, -1)
  const [, high, low] = MAPPED.exec(shortest) ?? []
  if (high !== undefined && low !== undefined) return [...bytesOf(high), ...bytesOf(low)].join('.')
  const [head = '', tail] = shortest.split('::')
  const before = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: GROUPS - before.length - behind.length }, () => '0')
  const [a, b, c, d = '0'] = [...before, ...zeros, ...behind]
  const [firstOfFourth = 0] = bytesOf(d)
  return `${a}:${b}:${c}:${(firstOfFourth << 8).toString(16)}::/56`
}

/** The two bytes of a group of an IPv6 address. */
function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
