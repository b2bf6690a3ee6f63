import * as z from 'zod'
import { readSeatCode, SEAT_CODE_LENGTH } from '../../machines/session/seat-codes.js'
import { timestamp } from './scalars.js'

/** Seat codes (contract section 10). */

/** Accepts anything that somebody may type; every wrong code, even a short one, gets only `SEAT_CODE_INVALID`. */
const TYPED_LENGTH_MAX = 64

export const seatBody = z
  .object({
    code: z
      .string({ error: 'must be a text' })
      .max(TYPED_LENGTH_MAX, `must have ${TYPED_LENGTH_MAX} characters at most`)
      .transform(readSeatCode),
  })
  .meta({ examples: [{ code: '7KXM-4PRT' }] })

export const seatCodeView = z.strictObject({
  code: z
    .string()
    .length(SEAT_CODE_LENGTH)
    .meta({ description: 'secret; shown only once, valid for one use' }),
  expires_at: timestamp,
})

export type SeatCodeView = z.infer<typeof seatCodeView>
