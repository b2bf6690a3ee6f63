import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/** A proxy in front sets one of these: the client is elsewhere, whatever the peer's address. */
const FORWARDING_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const

/**
 * Whether a request comes from and refers to this machine: its peer has a loopback address, no proxy has
 * forwarded it, and it names a loopback host. A page whose domain was pointed at 127.0.0.1 (DNS rebinding)
 * sends its own name. A page of another origin, which browsers allow to open a socket, sends that origin;
 * only loopback origins are accepted.
 */
export function isFromLoopback({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): boolean {
  if (!isLoopbackAddress(socket.remoteAddress ?? '')) return false
  if (FORWARDING_HEADERS.some((name) => headers[name] !== undefined)) return false
  if (!isLoopbackUrl(`http://${headers.host ?? ''}`)) return false
  return headers.origin === undefined || isLoopbackUrl(headers.origin)
}

function isLoopbackAddress(address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(plain) > 0 && LOOPBACK.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6')
}

function isLoopbackUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hostname, protocol } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return false
  return hostname === 'localhost' || isLoopbackAddress(hostname.replaceAll(/[[\]]/g, ''))
}
