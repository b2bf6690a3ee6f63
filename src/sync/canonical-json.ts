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
  return enclosed(value, membersOf(value, canonicalJson).join(','))
}

/** Names and texts that are written as they are: nothing in them is escaped. */
const PLAIN = /^[\w .:-]*$/

/** The members of an array or an object as they stand in its text, each value written by `write`. */
export function membersOf(value: object, write: (member: unknown) => string): string[] {
  if (Array.isArray(value)) return value.map((item) => write(item))
  const record: Readonly<Record<string, unknown>> = { ...value }
  const members: string[] = []
  // Sorting without a comparison of its own is by UTF-16 code units, as the standard wants it.
  for (const name of Object.keys(record).sort()) {
    const member = record[name]
    if (member !== undefined) members.push(`${string(name)}:${write(member)}`)
  }
  return members
}

/** The text of an array or an object around its members. */
export function enclosed(value: object, members: string): string {
  return Array.isArray(value) ? `[${members}]` : `{${members}}`
}

/** What is neither: a text, a number, a truth value, `null`. */
export function primitive(value: unknown): string {
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
