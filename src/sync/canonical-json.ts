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
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  return object(value, canonicalJson)
}

const texts = new WeakMap<object, string>()

/**
 * The same for values that never change: what was written once is remembered with its object, at
 * every depth, so that only the parts that are new are written. The caller promises that neither
 * the value nor anything in it is changed afterwards.
 */
export function canonicalJsonOfImmutable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return primitive(value)
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = Array.isArray(value)
    ? `[${value.map(canonicalJsonOfImmutable).join(',')}]`
    : object(value, canonicalJsonOfImmutable)
  texts.set(value, text)
  return text
}

function object(value: object, write: (member: unknown) => string): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${primitive(name)}:${write(member)}`).join(',')}}`
}

function primitive(value: unknown): string {
  if (typeof value === 'string' && !value.isWellFormed()) throw new TypeError('a text holds a lone surrogate')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`a ${typeof value} is no JSON value`)
  return text
}
