import type { EpochMs, UserId } from '../ids.js'

/** How long a code is valid (contract section 10). */
export const SEAT_CODE_MS = 60_000

export const SEAT_CODE_LENGTH = 8

/**
 * The alphabet of codes: no characters that could be confused (0 O Q D, 1 I L, 2 Z, 5 S, 8 B, U V) when read
 * aloud or from a screen across the table. Eight of these are 35 bits, for a minute.
 */
export const SEAT_CODE_ALPHABET = '34679ACEFGHJKMNPRTWXY'

/** A code that was issued; only its digest is kept. */
export interface SeatCode {
  readonly userId: UserId
  readonly digest: string
  readonly expiresAt: EpochMs
}

/** Normalises a code typed in lower case or in two groups. */
export function readSeatCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[\s-]/g, '')
}

/** The codes with a new one, valid for {@link SEAT_CODE_MS} from now; it replaces its owner's previous one. */
export function withSeatCode(
  codes: readonly SeatCode[],
  { userId, digest }: Pick<SeatCode, 'userId' | 'digest'>,
  now: EpochMs,
): readonly SeatCode[] {
  const others = codes.filter((code) => code.userId !== userId && now < code.expiresAt)
  return [...others, { userId, digest, expiresAt: now + SEAT_CODE_MS }]
}

/**
 * The owner of the seat that a code opens; `null` for a wrong, used, expired or missing one alike. Digests
 * cannot be chosen, so comparing them leaks nothing.
 */
export function seatOwner(
  codes: readonly SeatCode[],
  digest: string | undefined,
  now: EpochMs,
): UserId | null {
  return codes.find((code) => code.digest === digest && now < code.expiresAt)?.userId ?? null
}

/** The codes without a used one. */
export function withoutSeatCode(codes: readonly SeatCode[], digest: string): readonly SeatCode[] {
  return codes.filter((code) => code.digest !== digest)
}

/** The codes without those of somebody who has left. */
export function withoutSeatCodesOf(codes: readonly SeatCode[], userId: UserId): readonly SeatCode[] {
  return codes.some((code) => code.userId === userId) ? codes.filter((code) => code.userId !== userId) : codes
}
