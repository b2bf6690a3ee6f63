/** Characters that could move the cursor, recolour, retitle or reorder: controls, format characters, line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const LENGTH_MAX = 200

/** Makes an untrusted text safe for a terminal: one line, no escape sequences, bounded in length. */
export function printable(text: string): string {
  const kept = text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text
  return kept.replaceAll(UNPRINTABLE, '\ufffd')
}

/** A JSON value with all its strings made printable, member names included. */
export function printableJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) => {
    if (typeof part === 'string') return printable(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [printable(name), member]))
  })
}
