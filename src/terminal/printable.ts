/** What moves the cursor, recolours, retitles or reorders: controls, format characters, line separators, halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
const LENGTH_MAX = 200

/** A text from outside as it may go to a terminal: one line, no escape sequences, bounded in length. */
export function printable(text: string): string {
  const kept = text.length > LENGTH_MAX ? `${text.slice(0, LENGTH_MAX)}…` : text
  return kept.replaceAll(UNPRINTABLE, '\ufffd')
}

/** A JSON value with every text in it printable, the names of its members too. */
export function printableJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) => {
    if (typeof part === 'string') return printable(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).map(([name, member]) => [printable(name), member]))
  })
}
