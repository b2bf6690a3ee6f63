/** What a card shows, as it is sent and displayed. Whether it may be played depends on the session's deck. */
export type Card = string

/** The exact value of a card: a whole number of {@link UNITS_PER_POINT}ths. */
export type Units = bigint

/** Seven decimals, and every fraction that Unicode has a character for: sums of cards stay exact. */
export const UNITS_PER_POINT: Units = 2_520n * 10_000_000n

const TEN_MILLION = 10_000_000n

/** Cards that do not mean a size, in any case. */
const NO_SIZE: ReadonlySet<string> = new Set(['coffee', '?', 'pass'])

/** A Unicode fraction. NFKC would merge it with an adjacent digit: `½` becomes `1⁄2`. */
const FRACTION = /[\u00bc-\u00be\u2150-\u215e\u2189]/
const WHOLE = /^\d*$/
const SLASHED = /^(\d{1,3})[/\u2044](\d{1,3})$/
/** A comma does not separate thousands here: ambiguous text is not a number. */
const DECIMAL = /^([-\u2212]?)(\d*)(?:\.(\d+)|,(\d{1,2}))?$/
const DECIMALS_MAX = 7

/**
 * The identity that two cards of a deck must not share: `5` and `５`, or `xs` and `XS`, are the same card to a
 * person.
 */
export function cardIdentity(card: Card): string {
  // Upper case first: that turns `ß` into `SS`.
  return card.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** Whether a card stands for a size; `coffee`, `?` and `pass` never do. */
export function isSize(card: Card): boolean {
  return !NO_SIZE.has(cardIdentity(card))
}

/**
 * The value of a card.
 * @returns `null` for a card that does not read as a number (contract section 9: `½` does, as 0.5)
 */
export function unitsOf(card: Card): Units | null {
  const known = UNITS.get(card)
  // Stryker disable next-line ConditionalExpression: what is kept changes no answer
  if (known !== undefined) return known
  const units = readUnits(card)
  // Stryker disable next-line ConditionalExpression, EqualityOperator: how much is kept neither
  if (UNITS.size < UNITS_KEPT_MAX) UNITS.set(card, units)
  return units
}

/** The number that a card represents, or `null` if none. */
export function numericValue(card: Card): number | null {
  const units = unitsOf(card)
  return units === null ? null : points(units)
}

/** Converts units to points. Whole points stay whole: a card's eight digits fit into a double. */
export function points(units: Units): number {
  return Number(units) / Number(UNITS_PER_POINT)
}

/** A cache: reading the same few cards repeatedly is most of a reveal's work. */
const UNITS = new Map<Card, Units | null>()
const UNITS_KEPT_MAX = 1_000

function readUnits(card: Card): Units | null {
  if (FRACTION.test(card)) return mixedUnits(card.trim())
  const text = card.normalize('NFKC').trim()
  return slashedUnits(text) ?? decimalUnits(text)
}

/** Optional digits followed by a Unicode fraction. */
function mixedUnits(text: string): Units | null {
  const whole = text.slice(0, -1).normalize('NFKC')
  const units = slashedUnits(text.slice(-1).normalize('NFKC'))
  return units === null || !WHOLE.test(whole) ? null : BigInt(whole) * UNITS_PER_POINT + units
}

function slashedUnits(text: string): Units | null {
  const slashed = SLASHED.exec(text)
  if (slashed === null) return null
  const [above = 0n, divisor = 0n] = slashed.slice(1).map(BigInt)
  if (divisor === 0n || UNITS_PER_POINT % divisor !== 0n) return null
  return above * (UNITS_PER_POINT / divisor)
}

function decimalUnits(text: string): Units | null {
  const [, sign, whole = '', afterPoint, afterComma] = DECIMAL.exec(text) ?? []
  const decimals = afterPoint ?? afterComma ?? ''
  if (whole + decimals === '' || decimals.length > DECIMALS_MAX) return null
  const tenMillionths = BigInt(whole) * TEN_MILLION + BigInt(decimals.padEnd(DECIMALS_MAX, '0'))
  const units = tenMillionths * (UNITS_PER_POINT / TEN_MILLION)
  return sign === '' ? units : -units
}
