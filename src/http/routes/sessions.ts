import { expiresAt } from '../../../machines/session/lifecycle.js'
import { tokenDigest } from '../../runtime/credentials.js'
import type { Made } from '../../runtime/session-creation.js'
import type { SessionHost } from '../../runtime/session-host.js'
import { iso, publicSummary, roundOf } from '../../wire/project.js'
import { refusalError } from '../../wire/refusals.js'
import { rulesWish } from '../../wire/settings.js'
import { clientAddress } from '../client-address.js'
import { sessionIn } from '../execute.js'
import { hasSeen } from '../if-none-match.js'
import { factsOf } from '../middleware/request-facts.js'
import { publicAddress } from '../own-host.js'
import type { Handlers } from '../route.js'
import { clearTokenCookie, setTokenCookie, tokenCookieOf } from '../token-cookie.js'

/** Sessions: create, view, join, leave, pause, end (contract section 5). */
export const sessionRoutes = {
  createSession: (given) => {
    const { services, request, response, body, ids, mark, carriedOut, seatToken, reply, fail, again } = given
    const { clock, config, supervisor } = services
    const id = ids.sessionId()
    const userId = ids.userId()
    const token = seatToken.make()
    const { name, creator_name, creator_avatar: avatar, creator_role: role = 'voter', settings = {} } = body
    const room = body.room ?? null
    const creator = { id: userId, name: creator_name, avatar, role }
    const input = {
      id,
      name,
      creator,
      tokenDigest: tokenDigest(token),
      at: clock.now(),
      rules: rulesWish(settings),
      room,
    }
    const answer = (host: Made) => {
      if ('code' in host) return fail(refusalError(host))
      try {
        tell(host)
      } catch (error) {
        fail(error)
      }
    }
    const tell = (host: SessionHost) => {
      Object.assign(factsOf(response), { sessionId: id, userId })
      setTokenCookie(request, response, { sessionId: id, token }, config)
      response.location(`/api/sessions/${id}`)
      reply({
        session_id: id,
        user_id: userId,
        user_token: token,
        join_url: `${publicAddress(request, config)}${room === null ? `/s/${id}` : `/r/${room}`}`,
        session: host.session(),
      })
    }
    const made = carriedOut === null ? undefined : supervisor.find(id)
    if (made !== undefined) answer(made)
    else {
      const asked = mark === undefined ? input : { ...input, mark }
      supervisor.create(asked, clientAddress(request), { made: answer, fail, again })
    }
    return undefined
  },

  listSessions: ({ services }) =>
    [...services.supervisor.sessions()]
      .filter((host) => host.snapshot.context.rules.isListed)
      .map((host) => publicSummary(host.snapshot)),

  getSession: ({ host, request, response }) => {
    const { version, lastActivityAt } = host.snapshot.context
    const etag = `"${version}-${lastActivityAt}"`
    response.set({ ETag: etag, 'Cache-Control': 'no-cache' })
    if (!hasSeen(request.headers['if-none-match'], etag)) return host.session()
    response.status(304).end()
    return undefined
  },

  joinSession: ({ services, host, request, response, body, ids, seatToken, execute }) => {
    const userId = ids.userId()
    const token = seatToken.make()
    const command = {
      type: 'participant.join',
      at: services.clock.now(),
      userId,
      name: body.user_name,
      avatar: body.user_avatar,
      role: body.role ?? 'voter',
      tokenDigest: tokenDigest(token),
    } as const
    return execute(command, (after) => {
      factsOf(response).userId = userId
      setTokenCookie(request, response, { sessionId: host.id, token }, services.config)
      return { user_id: userId, user_token: token, session: sessionIn(after) }
    })
  },

  leaveSession: ({ services, host, by, request, response, execute }) => {
    return execute({ type: 'participant.leave', at: services.clock.now(), by }, () => {
      // The same browser may hold the cookie of somebody else, who keeps their seat.
      const cookie = tokenCookieOf(request, host.id)
      if (cookie === null || host.credentials.ownerOf(cookie) === null)
        clearTokenCookie(request, response, host.id)
      return { success: true, message: 'You have left the session.' }
    })
  },

  endSession: ({ services, host, by, request, response, execute }) => {
    return execute({ type: 'session.end', at: services.clock.now(), by }, () => {
      clearTokenCookie(request, response, host.id)
      return { success: true, message: 'The session has ended.' }
    })
  },

  pauseSession: ({ services, by, execute }) => {
    const command = { type: 'session.pause', at: services.clock.now(), by } as const
    return execute(command, () => ({ success: true, message: 'The session is paused.' }))
  },

  resumeSession: ({ services, by, execute }) => {
    const command = { type: 'session.resume', at: services.clock.now(), by } as const
    return execute(command, () => ({ success: true, message: 'The session goes on.' }))
  },

  extendSession: ({ services, by, execute }) => {
    const command = { type: 'session.extend', at: services.clock.now(), by } as const
    return execute(command, ({ snapshot }) => ({
      success: true,
      message: 'The session will last longer.',
      expires_at: iso(expiresAt(snapshot.context)),
    }))
  },

  getRound: ({ host }) => roundOf(host.snapshot.context),
} satisfies Partial<Handlers>
