import { canonicalJson, enclosed, membersOf, primitive } from './canonical-json.js'

/** So many texts more than the value now has parts are kept at most. */
const STALE_MAX = 16

/**
 * Writes the canonical JSON of a value of which only parts change from one time to the next, as a
 * state does: a list, or an object without objects in it (a participant, a vote), that was written
 * before is not written again. The caller promises that nothing is changed once it was written.
 *
 * The texts are kept by object in a plain map, since entries of a weak one cost the collector more
 * than the writing saves.
 */
export class CanonicalWriter {
  readonly #texts = new Map<object, string>()

  /** @throws {TypeError} like `canonicalJson` */
  write(value: unknown): string {
    const seen = { count: 0 }
    const text = this.#part(value, seen)
    if (this.#texts.size > seen.count + STALE_MAX) this.#texts.clear()
    return text
  }

  #part(value: unknown, seen: { count: number }): string {
    if (typeof value !== 'object' || value === null) return primitive(value)
    const known = this.#texts.get(value)
    if (known !== undefined) {
      seen.count += 1
      return known
    }
    if (!isKept(value)) {
      // Put together piece by piece, the whole is copied once, when it is read.
      const members = membersOf(value, (member) => this.#part(member, seen))
      return enclosed(
        value,
        members.reduce((text, member) => `${text},${member}`),
      )
    }
    const text = canonicalJson(value)
    this.#texts.set(value, text)
    seen.count += 1
    return text
  }
}

function isKept(value: object): boolean {
  return (
    Array.isArray(value) ||
    Object.values(value).every((member) => typeof member !== 'object' || member === null)
  )
}
