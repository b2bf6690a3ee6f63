/*
 * Canonical JSON (RFC 8785): members sorted by the UTF-16 code units of their names, numbers as
 * ECMAScript writes them, no white space. Two equal values have the same text, so its hash can be
 * compared between machines.
 */

/** A part of a value whose canonical text is known already. */
export class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * The canonical text of a value made of plain objects, arrays, strings, finite numbers, booleans and
 * `null`, or of parts that are {@link Written}. Members that are `undefined` are left out.
 * @throws {TypeError} for what I-JSON does not know: other types, NaN and infinities, lone surrogates
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return primitive(value)
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  return `{${membersOf(value).join(',')}}`
}

/** Names and texts that are written as they are: nothing in them is escaped. */
const PLAIN = /^[\w .:-]*$/

/** The members of an object, as they stand in its text. */
function membersOf(value: object): string[] {
  const members: string[] = []
  // Sorting without a comparison of its own is by UTF-16 code units, as the standard wants it.
  for (const name of Object.keys(value).sort()) {
    const member: unknown = Reflect.get(value, name)
    if (member !== undefined) members.push(`${string(name)}:${canonicalJson(member)}`)
  }
  return members
}

/** What is neither object nor array: a text, a number, a truth value, `null`. */
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
