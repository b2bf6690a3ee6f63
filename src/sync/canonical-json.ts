/*
 * Canonical JSON (RFC 8785): members sorted by the UTF-16 code units of their names, numbers as in
 * ECMAScript, no white space. Equal values have the same text, so its hash can be compared between machines.
 */

/** A part of a value whose canonical text is already known. */
export class Written {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * The canonical text of a value made of plain objects, arrays, strings, finite numbers, booleans and `null`,
 * or of parts that are {@link Written}. Members that are `undefined` are omitted.
 * @throws {TypeError} for anything outside I-JSON: other types, NaN and infinities, lone surrogates
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return primitive(value)
  if (value instanceof Written) return value.text
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  return object(value)
}

/** Names and strings that need no escaping. */
const PLAIN = /^[\w .:-]*$/

/** Written piece by piece: joining a list of members at the end costs three times as much. */
function object(value: object): string {
  let members = ''
  for (const name of sorted(Object.keys(value))) {
    const member: unknown = Reflect.get(value, name)
    if (member === undefined) continue
    members += `${members === '' ? '' : ','}${string(name)}:${canonicalJson(member)}`
  }
  return `{${members}}`
}

/** Up to this many names are sorted in place; Array.prototype.sort allocates lists for each call. */
const FEW = 16

/** By UTF-16 code units, as the standard requires: that is how strings compare. */
function sorted(names: string[]): string[] {
  // Stryker disable next-line ConditionalExpression, EqualityOperator: either way they are sorted
  if (names.length > FEW) return names.sort()
  for (let place = 1; place < names.length; place += 1) insert(names, place)
  return names
}

/** Moves the name at this index to its position among those before it. */
function insert(names: string[], place: number): void {
  // Stryker disable next-line StringLiteral: the place is one of theirs
  const name = names[place] ?? ''
  let to = place
  // Stryker disable next-line ConditionalExpression, EqualityOperator: no name is there twice, and none is above nothing
  for (let before = names[to - 1]; before !== undefined && before > name; before = names[to - 1]) {
    names[to] = before
    to -= 1
  }
  names[to] = name
}

/** A primitive: a string, a number, a boolean, `null`. */
function primitive(value: unknown): string {
  if (typeof value === 'string') return string(value)
  // Stryker disable next-line ConditionalExpression, LogicalOperator, StringLiteral: JSON.stringify says the same, and takes longer
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`${typeof value} is no JSON value`)
  return text
}

function string(value: string): string {
  // Stryker disable next-line ConditionalExpression: JSON.stringify says the same, and takes longer
  if (PLAIN.test(value)) return `"${value}"`
  if (!value.isWellFormed()) throw new TypeError('a text holds a lone surrogate')
  return JSON.stringify(value)
}
