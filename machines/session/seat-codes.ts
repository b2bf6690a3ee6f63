import type { EpochMs, UserId } from '../ids.js'

/** How long a code opens its seat (contract section 10). */
export const SEAT_CODE_MS = 60_000

export const SEAT_CODE_LENGTH = 8

/**
 * What codes are made of: nothing that could be taken for another (0 O Q D, 1 I L, 2 Z, 5 S, 8 B,
 * U V), read aloud or from a screen across the table. Eight of these are 35 bits, for a minute.
 */
export const SEAT_CODE_ALPHABET = '34679ACEFGHJKMNPRTWXY'

/** A code that was given out; only its digest is kept. */
export interface SeatCode {
  readonly userId: UserId
  readonly digest: string
  readonly expiresAt: EpochMs
}

/** The code that a person means who typed it in small letters, or in two groups. */
export function readSeatCode(typed: string): string {
  return typed.toUpperCase().replaceAll(/[\s-]/g, '')
}

/** The codes with a new one, good until {@link SEAT_CODE_MS} from now; it takes the place of the one its owner had. */
export function withSeatCode(
  codes: readonly SeatCode[],
  { userId, digest }: Pick<SeatCode, 'userId' | 'digest'>,
  now: EpochMs,
): readonly SeatCode[] {
  const others = codes.filter((code) => code.userId !== userId && now < code.expiresAt)
  return [...others, { userId, digest, expiresAt: now + SEAT_CODE_MS }]
}

/** Whose seat a code opens; `null` for a wrong, used, late or missing one alike. Digests cannot be chosen, so their comparison tells nothing. */
export function seatOwner(
  codes: readonly SeatCode[],
  digest: string | undefined,
  now: EpochMs,
): UserId | null {
  return codes.find((code) => code.digest === digest && now < code.expiresAt)?.userId ?? null
}

/** The codes without one that was used. */
export function withoutSeatCode(codes: readonly SeatCode[], digest: string): readonly SeatCode[] {
  return codes.filter((code) => code.digest !== digest)
}

/** The codes without those of somebody who has left. */
export function withoutSeatCodesOf(codes: readonly SeatCode[], userId: UserId): readonly SeatCode[] {
  return codes.some((code) => code.userId === userId) ? codes.filter((code) => code.userId !== userId) : codes
}
