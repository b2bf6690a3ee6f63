import type { Response } from 'express'
import type { UserId, Version } from '../../../machines/ids.js'
import { isCutOff } from '../../../machines/session/partition.js'
import { WireError } from '../../wire/errors.js'
import { callOf } from '../call.js'
import { clientAddress } from '../client-address.js'
import { identifyWatcher } from '../identity.js'
import { factsOf } from '../middleware/request-facts.js'
import type { Handlers, RouteInput } from '../route.js'
import { Poll } from '../sse/poll.js'
import { openResponse, RETRY_SOON_MS, turnAway } from '../sse/response.js'
import { Stream } from '../sse/stream.js'

/** How long a client without a free place waits before it polls again. */
const RETRY_FULL_SECONDS = 30

/** The session's events: the stream and the same by long poll (contract sections 5 and 6). */
export const eventRoutes = {
  stream: (input) => {
    const { services, request, response, host, query } = input
    const { streams, streamSurroundings, supervisor, telemetry } = services
    const userId = identifyStream(input)
    if (userId === undefined) {
      telemetry.streamsTurnedAway.unavailable += 1
      openResponse(response)
      return void turnAway(response, RETRY_SOON_MS)
    }
    factsOf(response).userId = userId
    if (response.destroyed) return undefined
    const isBehind = isBehindAnother(response)
    openResponse(response)
    if (request.method === 'HEAD') return void response.end()
    const address = clientAddress(request)
    if (isBehind || supervisor.isDraining || !streams.hasPlaceFor(address)) {
      telemetry.streamsTurnedAway[supervisor.isDraining ? 'draining' : 'full'] += 1
      return void turnAway(response, supervisor.isDraining ? RETRY_SOON_MS : undefined)
    }
    const wasCutOff = userId !== null && isCutOff(host.snapshot.context, userId)
    const stream = new Stream({
      host,
      response,
      userId,
      after: cursorOf(request.get('Last-Event-ID') ?? query.last_event_id),
      surroundings: streamSurroundings,
    })
    streams.add(stream, address)
    if (userId !== null) host.reportStreams(userId)
    if (wasCutOff) stream.resync('network_partition')
    return undefined
  },

  pollEvents: ({ services, host, query, request, response }) => {
    const { streams, streamSurroundings, config, supervisor, telemetry } = services
    // A waiting poll keeps its participant present, as a stream does; one that does not wait is a read.
    const userId = query.wait_seconds > 0 ? identifyWatcher(request, host, undefined, config) : null
    factsOf(response).userId = userId
    if (response.destroyed) return undefined
    const address = clientAddress(request)
    // Even a poll that does not wait needs a place until its answer is taken, which limits the answers in
    // memory.
    if (!streams.hasPlaceFor(address)) {
      telemetry.streamsTurnedAway.full += 1
      throw new WireError('RATE_LIMITED', { retryAfterSeconds: RETRY_FULL_SECONDS })
    }
    const mayWait = !host.hasEnded && !supervisor.isDraining && !isBehindAnother(response)
    const poll = new Poll({
      host,
      response,
      userId: mayWait ? userId : null,
      after: cursorOf(query.after) ?? 0,
      surroundings: streamSurroundings,
    })
    streams.add(poll, address)
    poll.start(mayWait ? query.wait_seconds * 1_000 : 0)
    return undefined
  },
} satisfies Partial<Handlers>

/**
 * The owner of the stream.
 * @returns `null`: nobody in the session; `undefined`: somebody unknown here, who may be known once the log
 * can be read again
 */
function identifyStream({
  services,
  request,
  response,
  host,
  query,
}: RouteInput<'stream'>): UserId | null | undefined {
  try {
    return identifyWatcher(request, host, query.user_id, services.config)
  } catch (error) {
    if (callOf(response).isStale) return undefined
    throw error
  }
}

/** An answer that waits or never ends holds up everything behind it on its connection, so it must be at the front. */
function isBehindAnother({ socket }: Response): boolean {
  return socket === null
}

/** @returns `null` without an id, `NaN` for one that is not a version */
export function cursorOf(lastEventId: string | undefined): Version | null {
  if (lastEventId === undefined || lastEventId === '') return null
  return /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Number.NaN
}
