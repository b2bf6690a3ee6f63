/**
 * Longer texts are checked before they are parsed, in code units. Shorter ones cost little, whatever they
 * contain.
 */
const LENGTH_UNSEEN_MAX = 65_536

/** How many members, lists and objects a long text may have: two hundred stories have a thousand. */
export const PARTS_MAX = 4_096

const [QUOTE, COLON, BRACKET, BRACE] = [...'":[{'].map((letter) => letter.charCodeAt(0))

/**
 * Whether JSON has more parts than any request needs. A mebibyte of text is parsed in a moment; a mebibyte of
 * members or brackets takes a hundred times as long.
 */
export function hasTooManyParts(text: string): boolean {
  if (text.length <= LENGTH_UNSEEN_MAX) return false
  let parts = 0
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) index = endOfString(text, index)
    else if (code === COLON || code === BRACKET || code === BRACE) parts += 1
    if (parts > PARTS_MAX) return true
  }
  return false
}

/** The position of the closing quote of the string that begins here, or the end of the text. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text[at - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return at
  }
  return text.length
}
