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

/**
 * Writes objects of one kind as {@link canonicalJson} does, but sorts and quotes their names only once.
 * @param names - all that they may have
 */
export function canonicalWriter<Name extends string>(
  names: readonly Name[],
): (value: Readonly<Record<Name, unknown>>) => string {
  const inOrder = sorted([...names]).map((name) => ({ name, head: `${string(name)}:` }))
  return (value) => {
    let members = ''
    for (const { name, head } of inOrder) members = withMember(members, head, value[name])
    return `{${members}}`
  }
}

/** Names and strings that need no escaping. */
const PLAIN = /^[\w .:-]*$/

function object(value: object): string {
  let members = ''
  for (const name of sorted(Object.keys(value)))
    members = withMember(members, `${string(name)}:`, Reflect.get(value, name))
  return `{${members}}`
}

/** Written piece by piece: joining a list of members at the end costs three times as much. */
function withMember(members: string, head: string, member: unknown): string {
  if (member === undefined) return members
  return `${members}${members === '' ? '' : ','}${head}${canonicalJson(member)}`
}

/** Up to this many names are sorted in place; Array.prototype.sort allocates lists for each call. */
const FEW = 16

/** By UTF-16 code units, as the standard requires: that is how strings compare. */
function sorted<Name extends string>(names: Name[]): Name[] {
  // Stryker disable next-line ConditionalExpression, EqualityOperator: either way they are sorted
  if (names.length > FEW) return names.sort()
  // Stryker disable next-line EqualityOperator: there is no name after the last
  for (let place = 1; place < names.length; place += 1) insert(names, place)
  return names
}

/** Moves the name at this index to its position among those before it. */
function insert<Name extends string>(names: Name[], place: number): void {
  const name = names[place]
  // Stryker disable next-line ConditionalExpression: the place is one of theirs
  if (name === undefined) return
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
