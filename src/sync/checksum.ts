import { hash } from 'node:crypto'
import type { SessionSnapshot } from '../../machines/session/machine.js'
import type { PublicState } from '../wire/views.js'
import { canonicalJson } from './canonical-json.js'
import { StateText } from './state-text.js'

const HEX_DIGITS = 16

/**
 * The checksum with which a client verifies its copy (contract section 7): the first 16 hex digits of the
 * SHA-256 of the canonical JSON of the public state.
 */
export function stateChecksum(state: PublicState): string {
  return checksumOf(canonicalJson(state))
}

/** The same for successive states of one session, of which only parts change. */
export class StateChecksums {
  readonly #text = new StateText()

  of(snapshot: SessionSnapshot): string {
    return checksumOf(this.#text.of(snapshot))
  }
}

function checksumOf(text: string): string {
  return hash('sha256', text).slice(0, HEX_DIGITS)
}
