/** A keycap: a digit, `#` or `*`. */
const KEYCAP = '[#*0-9]\\ufe0f?\\u20e3'
/** The flags of England, Scotland and Wales: a black flag and the region, spelt in tag characters. */
const PLACE_FLAG = '\\u{1f3f4}[\\u{e0061}-\\u{e007a}]{5}\\u{e007f}'
const LOOK = '(?:\\p{Emoji_Modifier}|[\\ufe0e\\ufe0f]\\u20e3?)?'
/** A sequence joined by joiners (UAX #29, rule GB11). */
const PICTURE = `\\p{Extended_Pictographic}${LOOK}`
const SIGN = `(?![#*0-9])\\p{Emoji}${LOOK}`

/**
 * The source of a regular expression for one emoji, including joiners and variation selectors (UTS #51,
 * section 1.4.9, without the bare digits that the standard includes). It checks the shape instead of a list
 * of the emoji that fonts have: a list would not know next year's, and compiling it takes ten times as long
 * as answering a request may. Linear in the text: nothing in it matches in two ways.
 */
export const EMOJI = `(?:\\p{Regional_Indicator}{2}|${KEYCAP}|${PLACE_FLAG}|${PICTURE}(?:\\u200d${PICTURE})*|${SIGN})`
