import type { Seat } from '../../client/client.js'
import { keep, kept } from './storage.js'

/** A seat taken from this browser, and what is worth knowing about its table without a request. */
export interface KeptSeat extends Seat {
  /** The table's name. */
  readonly name: string
  readonly room: string | null
  readonly cards: readonly string[]
  /** Who sat there last, for the next time the table is opened. */
  readonly people: readonly string[]
}

/** One more seat replaces the oldest. */
const SEATS_MAX = 24

/** The seat at a table; `null`: none was taken from this browser, or it was given up. */
export function seatAt(sessionId: string): KeptSeat | null {
  return seats().find((seat) => seat.sessionId === sessionId) ?? null
}

/** The latest seat in a room; `null`: none is remembered. */
export function seatInRoom(room: string): KeptSeat | null {
  return seats().find((seat) => seat.room === room) ?? null
}

export function keepSeat(seat: KeptSeat): void {
  const others = seats().filter(({ sessionId }) => sessionId !== seat.sessionId)
  keep('seats', [seat, ...others].slice(0, SEATS_MAX))
}

/** Forgets the secret of a seat that was given up, or whose table is gone. */
export function forgetSeat(sessionId: string): void {
  keep(
    'seats',
    seats().filter((seat) => seat.sessionId !== sessionId),
  )
}

function seats(): KeptSeat[] {
  const value = kept('seats')
  return Array.isArray(value) ? value.filter(isKeptSeat) : []
}

function isKeptSeat(value: unknown): value is KeptSeat {
  if (typeof value !== 'object' || value === null) return false
  const { sessionId, userId, userToken, name, cards, people } = { ...value } as Record<string, unknown>
  return (
    [sessionId, userId, userToken, name].every((text) => typeof text === 'string') &&
    Array.isArray(cards) &&
    Array.isArray(people)
  )
}
