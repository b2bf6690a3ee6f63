import { hash } from 'node:crypto'
import type { SessionId } from '../../../machines/ids.js'
import { SEAT_CODE_MS, seatOwner } from '../../../machines/session/seat-codes.js'
import { tokenDigest } from '../../runtime/credentials.js'
import { WireError } from '../../wire/errors.js'
import { iso, publicSummary } from '../../wire/project.js'
import { clientAddress } from '../client-address.js'
import { sessionIn } from '../execute.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Handlers } from '../route.js'
import { setTokenCookie } from '../token-cookie.js'

/** Seats that move to another device, and rooms (contract section 10). */
export const seatRoutes = {
  offerSeat: ({ services, host, by, execute }) => {
    const { clock, ids } = services
    const code = ids.seatCode()
    const at = clock.now()
    const command = { type: 'seat.offer', at, by, digest: digestOf(host.id, code) } as const
    return execute(command, ({ snapshot }) => ({
      code,
      expires_at: iso(snapshot.context.now + SEAT_CODE_MS),
    }))
  },

  takeSeat: ({ services, host, body, request, response, carriedOut, seatToken, execute }) => {
    const { clock, config, seatGuesses } = services
    const guesser = `${host.id} ${clientAddress(request)}`
    seatGuesses.count(guesser)
    const at = clock.now()
    const digest = digestOf(host.id, body.code)
    // A code opens its seat once, and also for a repetition of the request that used it.
    const by = carriedOut?.seat ?? seatOwner(host.snapshot.context.seatCodes, digest, at)
    if (by === null) throw new WireError('SEAT_CODE_INVALID')
    const token = seatToken.make()
    const command = { type: 'seat.take', at, by, digest, tokenDigest: tokenDigest(token) } as const
    return execute(command, (after) => {
      seatGuesses.forgive(guesser)
      factsOf(response).userId = by
      setTokenCookie(request, response, { sessionId: host.id, token }, config)
      return { user_id: by, user_token: token, session: sessionIn(after) }
    })
  },

  getRoom: ({ services, params: { room }, reply, fail }) => {
    services.supervisor.openRoom(room, (host) => {
      if (host === null) return fail(new WireError('SERVICE_UNAVAILABLE'))
      try {
        reply({ room, session: host === undefined ? null : publicSummary(host.snapshot) })
      } catch (error) {
        fail(error)
      }
    })
    return undefined
  },
} satisfies Partial<Handlers>

/** The digest under which a code is kept. The same code opens nothing in another session. */
function digestOf(sessionId: SessionId, code: string): string {
  return hash('sha256', `${sessionId} ${code}`, 'base64url')
}
