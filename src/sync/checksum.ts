import { hash } from 'node:crypto'
import type { PublicState } from '../wire/views.js'
import { canonicalJson } from './canonical-json.js'
import { CanonicalWriter } from './canonical-writer.js'

const HEX_DIGITS = 16

/**
 * The checksum by which a client verifies its copy (contract section 7): the first 16 hex digits of
 * the SHA-256 of the canonical JSON of the public state.
 */
export function stateChecksum(state: PublicState): string {
  return checksumOf(canonicalJson(state))
}

/** The same for one session's states one after the other: only what changed between two is written anew. */
export class StateChecksums {
  readonly #writer = new CanonicalWriter()

  of(state: PublicState): string {
    return checksumOf(this.#writer.write(state))
  }
}

function checksumOf(text: string): string {
  return hash('sha256', text).slice(0, HEX_DIGITS)
}
