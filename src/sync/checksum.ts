import { createHash } from 'node:crypto'
import type { PublicState } from '../wire/views.js'
import { canonicalJsonOfImmutable } from './canonical-json.js'

const HEX_DIGITS = 16

/**
 * The checksum by which a client verifies its copy (contract section 7): the first 16 hex digits of
 * the SHA-256 of the canonical JSON of the public state. Parts of the state that were projected
 * before are not written again.
 */
export function stateChecksum(state: PublicState): string {
  return createHash('sha256').update(canonicalJsonOfImmutable(state)).digest('hex').slice(0, HEX_DIGITS)
}
