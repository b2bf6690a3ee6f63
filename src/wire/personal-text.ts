import { EMOJI } from './emoji.js'

/** Why a text is not a valid name. */
export type NameFault = 'length' | 'bytes' | 'marks' | 'characters' | 'invisible'

/** The limit of UTF-8 bytes per allowed character; a single character may take more. */
export const BYTES_PER_CHARACTER_MAX = 8
/** Combining marks in a row (UAX #15, section 13): more would only pile up, and cost time. */
export const MARKS_IN_ROW_MAX = 30

const TOO_MANY_MARKS = new RegExp(`\\p{M}{${MARKS_IN_ROW_MAX + 1}}`, 'u')
const CONTROL = /[\p{Cc}\u2028\u2029]/u
/**
 * Invisible characters: format characters and whatever else a font leaves out (UAX #44,
 * `Default_Ignorable_Code_Point`).
 */
const UNSEEN = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u
/** Made when first needed, like {@link graphemes}: the start need not wait for it. */
let everyEmoji: RegExp | undefined
/** A placeholder for an emoji when only its neighbours matter. */
const SOME_EMOJI = '*'
/**
 * Visible letters, digits and symbols, which excludes those drawn as nothing: the blanks of braille and of
 * two hieroglyphs, a notehead without ink.
 */
const VISIBLE = /(?![\u2800\u{1d159}\u{13441}\u{13442}])[\p{L}\p{N}\p{P}\p{S}\p{Co}]/u
/** A text in which no character consists of several code units. */
const PLAIN = /^[\u0020-\u02ff]*$/

const ZWNJ = '\u200c'
const ZWJ = '\u200d'
/** A letter without case: scripts with viramas have none. */
const LETTER = /\p{Lo}/u
const MARK = /\p{M}/u
/** Letters of scripts whose letters join, where a ZWNJ keeps them apart. */
const JOINING_LETTER =
  /(?=\p{L})[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mand}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Phag}\p{scx=Mani}\p{scx=Phlp}\p{scx=Rohg}\p{scx=Adlm}\p{scx=Sogd}\p{scx=Chrs}]/u
/** A letter and the variation selector that chooses its shape (UTS #37; UAX #44, StandardizedVariants). */
const VARIANT =
  /^(?:\p{Unified_Ideograph}[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]|\p{scx=Mong}[\u180b-\u180d\u180f]|[\p{scx=Mymr}\p{scx=Phag}\p{scx=Mani}]\ufe00)$/u

let graphemes: Intl.Segmenter | undefined

/** How much of a name with this character limit is examined, in code units: each takes at least one byte of UTF-8. */
export function nameUnitsMax(lengthMax: number): number {
  return lengthMax * BYTES_PER_CHARACTER_MAX
}

/**
 * A name in its stored form (contract section 5, "Input"): in NFC, trimmed, runs of white space collapsed.
 * Its length is checked before anything else: normalising is quadratic in a run of marks.
 * @param lengthMax - in extended grapheme clusters (UAX #29), which people see as characters
 * @returns the fault, if the text is not a valid name
 */
export function nameOf(text: string, lengthMax: number): { readonly name: string } | { fault: NameFault } {
  if (text.length > nameUnitsMax(lengthMax)) return { fault: 'length' }
  if (!text.isWellFormed() || CONTROL.test(text)) return { fault: 'characters' }
  if (TOO_MANY_MARKS.test(text)) return { fault: 'marks' }
  const composed = text.normalize('NFC')
  if (hasStrayUnseen(composed)) return { fault: 'characters' }
  const name = composed.replace(/\s+/gu, ' ').trim()
  if (!hasLength(name, lengthMax)) return { fault: 'length' }
  if (!VISIBLE.test(name)) return { fault: 'invisible' }
  const bytes = new TextEncoder().encode(name).length
  return bytes > lengthMax * BYTES_PER_CHARACTER_MAX ? { fault: 'bytes' } : { name }
}

function hasLength(name: string, lengthMax: number): boolean {
  if (PLAIN.test(name)) return name.length > 0 && name.length <= lengthMax
  graphemes ??= new Intl.Segmenter('und', { granularity: 'grapheme' })
  let count = 0
  for (const _ of graphemes.segment(name)) if (++count > lengthMax) return false
  return count > 0
}

/** Whether there is an invisible character that neither an emoji nor a word needs. */
function hasStrayUnseen(text: string): boolean {
  if (!UNSEEN.test(text)) return false
  everyEmoji ??= new RegExp(EMOJI, 'gu')
  const characters = [...text.replace(everyEmoji, SOME_EMOJI)]
  return characters.some((character, at) => UNSEEN.test(character) && !isNeeded(characters, at))
}

function isNeeded(characters: readonly string[], at: number): boolean {
  const character = characters[at] ?? ''
  if ([ZWJ, ZWNJ].includes(character)) return isNeededJoiner(characters, at)
  return VARIANT.test((characters[at - 1] ?? '') + character)
}

/**
 * The two joiners choose between forms of a conjunct, beside a virama (RFC 5892, A.1 and A.2, and before
 * it, as Bengali and Sinhala have it); a ZWNJ ends a letter's joining to the next (A.1).
 */
function isNeededJoiner(characters: readonly string[], at: number): boolean {
  const [before, after] = [characters[at - 1] ?? '', characters[at + 1] ?? '']
  const base = baseOf(characters, at, -1)
  if (isVirama(before) || isVirama(after)) return LETTER.test(base)
  return (
    characters[at] === ZWNJ && JOINING_LETTER.test(base) && JOINING_LETTER.test(baseOf(characters, at, 1))
  )
}

/** The nearest character in a direction that is not a mark. */
function baseOf(characters: readonly string[], at: number, direction: 1 | -1): string {
  let near = at + direction
  while (MARK.test(characters[near] ?? '')) near += direction
  return characters[near] ?? ''
}

/** Marks of class 8 and of class 10. */
const KANA_VOICED_MARK = '\u3099'
const HEBREW_SHEVA = '\u05b0'

/**
 * Whether a mark joins consonants: its canonical combining class is 9. JavaScript does not expose the class,
 * but normalisation sorts marks by it (UAX #15, "Canonical Ordering").
 */
function isVirama(character: string): boolean {
  return (
    MARK.test(character) &&
    isSortedAfter(character, KANA_VOICED_MARK) &&
    isSortedAfter(HEBREW_SHEVA, character)
  )
}

/** Whether the class of one mark is higher than another's. */
function isSortedAfter(mark: string, other: string): boolean {
  return mark !== other && `${mark}${other}`.normalize('NFD') === `${other}${mark}`
}
