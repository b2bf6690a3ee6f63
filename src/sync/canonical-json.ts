/*
 * Canonical JSON (RFC 8785): members sorted by the UTF-16 code units of their names, numbers as
 * ECMAScript writes them, no white space. Two equal values have the same text, so its hash can be
 * compared between machines.
 */

/**
 * The canonical text of a value made of plain objects, arrays, strings, finite numbers, booleans and
 * `null`. Members that are `undefined` are left out.
 * @throws {TypeError} for what I-JSON does not know: other types, NaN and infinities, lone surrogates
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return primitive(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`
  return object(value, (member) => canonicalJson(member))
}

/**
 * Writes a value of which only parts change from one time to the next, as a state does. What it wrote
 * last time is kept, by place; an object that is the same as it was in the same place is not written
 * again. The caller promises that nothing in an object is changed once it was written.
 */
export class CanonicalWriter {
  #written: object | null = null
  #text = ''
  readonly #members = new Map<string, CanonicalWriter>()

  /** @throws {TypeError} like {@link canonicalJson} */
  write(value: unknown): string {
    if (typeof value !== 'object' || value === null) return primitive(value)
    if (value === this.#written) return this.#text
    const keys = new Set<string>()
    const text = Array.isArray(value)
      ? `[${value.map((item, index) => this.#member(String(index), item, keys)).join(',')}]`
      : object(value, (member, name) => this.#member(name, member, keys))
    for (const name of this.#members.keys()) if (!keys.has(name)) this.#members.delete(name)
    this.#written = value
    this.#text = text
    return text
  }

  #member(name: string, value: unknown, keys: Set<string>): string {
    if (typeof value !== 'object' || value === null) return primitive(value)
    keys.add(name)
    let writer = this.#members.get(name)
    if (writer === undefined) {
      writer = new CanonicalWriter()
      this.#members.set(name, writer)
    }
    return writer.write(value)
  }
}

/** Names and texts that are written as they are: nothing in them is escaped. */
const PLAIN = /^[\w .:-]*$/

function object(value: object, write: (member: unknown, name: string) => string): string {
  const record: Readonly<Record<string, unknown>> = { ...value }
  let text = ''
  // Sorting without a comparison of its own is by UTF-16 code units, as the standard wants it.
  for (const name of Object.keys(record).sort()) {
    const member = record[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${string(name)}:${write(member, name)}`
  }
  return `{${text}}`
}

function primitive(value: unknown): string {
  if (typeof value === 'string') return string(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON value`)
  return text
}

function string(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`
  if (!value.isWellFormed()) throw new TypeError('a text holds a lone surrogate')
  return JSON.stringify(value)
}
