import type { SessionView } from '../wire/views.js'
import { checksummedText } from './reducer.js'

const HEX_DIGITS = 16

/**
 * The checksum of a session as this client knows it, computed with the platform's Web Crypto.
 * @returns `null` without Web Crypto: browsers offer it only over HTTPS and on localhost
 */
export async function checksumOf(session: SessionView): Promise<string | null> {
  const { subtle } = globalThis.crypto ?? {}
  if (subtle === undefined) return null
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(checksummedText(session)))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.slice(0, HEX_DIGITS)
}
