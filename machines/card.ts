/** What a card shows, as it is sent and shown. Whether it may be played is the session's deck's matter. */
export type Card = string

/** What a card is worth, exact: a whole number of {@link UNITS_PER_POINT}ths. */
export type Units = bigint

/** Seven decimals, and every fraction that Unicode has a character for: sums of cards stay exact. */
export const UNITS_PER_POINT: Units = 2_520n * 10_000_000n

const TEN_MILLION = 10_000_000n

/** Cards that say something else than a size, in whatever case. */
const NO_SIZE: ReadonlySet<string> = new Set(['coffee', '?', 'pass'])

/** A fraction of Unicode. Spelled out it would run into a digit beside it: `½` is `1⁄2` after NFKC. */
const FRACTION = /[\u00bc-\u00be\u2150-\u215e\u2189]/
const WHOLE = /^\d*$/
const SLASHED = /^(\d{1,3})[/\u2044](\d{1,3})$/
/** A comma parts no thousands here: what could be read both ways is no number. */
const DECIMAL = /^([-\u2212]?)(\d*)(?:\.(\d+)|,(\d{1,2}))?$/
const DECIMALS_MAX = 7

/** What two cards of a deck must not share: `5` and `５`, or `xs` and `XS`, are one card to a person. */
export function cardIdentity(card: Card): string {
  // Upper case first: `ß` is `SS` then.
  return card.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** Whether a card stands for a size; `coffee`, `?` and `pass` never do. */
export function isSize(card: Card): boolean {
  return !NO_SIZE.has(cardIdentity(card))
}

/**
 * What a card is worth.
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

/** The number that a card stands for, or `null` for one that stands for none. */
export function numericValue(card: Card): number | null {
  const units = unitsOf(card)
  return units === null ? null : points(units)
}

/** Units as a number of points. Whole points come out whole: those of a card's eight digits fit a double. */
export function points(units: Units): number {
  return Number(units) / Number(UNITS_PER_POINT)
}

/** Reading the same few cards over and over is most of a reveal's work. */
const UNITS = new Map<Card, Units | null>()
const UNITS_KEPT_MAX = 1_000

function readUnits(card: Card): Units | null {
  if (FRACTION.test(card)) return mixedUnits(card.trim())
  const text = card.normalize('NFKC').trim()
  return slashedUnits(text) ?? decimalUnits(text)
}

/** Digits, or none, and a fraction of Unicode behind them. */
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
