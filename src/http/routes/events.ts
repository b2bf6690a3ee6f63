import type { Response } from 'express'
import type { UserId, Version } from '../../../machines/ids.js'
import { isCutOff } from '../../../machines/session/partition.js'
import type { Reader } from '../../runtime/readers.js'
import type { SessionHost } from '../../runtime/session-host.js'
import { frameJson, retryFrame } from '../../wire/sse-frame.js'
import { clientAddress } from '../client-address.js'
import { identifyWatcher } from '../identity.js'
import { factsOf } from '../middleware/request-facts.js'
import { closeAfter } from '../reply.js'
import type { Handlers, RouteInput } from '../route.js'
import { openResponse, turnAway } from '../sse/response.js'
import { Stream } from '../sse/stream.js'

/** How long a client waits before it connects again: well below what counts as a disconnect by default. */
const RETRY_MS = 1_000

/** The session's events: the stream and its long-poll twin (contract sections 5 and 6). */
export const eventRoutes = {
  stream: (input) => {
    const { services, request, response, host, query } = input
    const { streams, streamSurroundings, config, supervisor, telemetry } = services
    const userId = identifyWatcher(request, host, query.user_id, config)
    factsOf(response).userId = userId
    openResponse(response)
    if (request.method === 'HEAD') return void response.end()
    const address = clientAddress(request)
    if (supervisor.isDraining || !streams.hasPlaceFor(address)) {
      telemetry.streamsTurnedAway[supervisor.isDraining ? 'draining' : 'full'] += 1
      return void turnAway(response)
    }
    response.write(retryFrame(RETRY_MS))
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

  pollEvents: (input) => {
    const { services, host, query, request, response } = input
    // One that waits is somebody's presence, as a stream is; one that does not is a read.
    const userId = query.wait_seconds > 0 ? identifyWatcher(request, host, undefined, services.config) : null
    factsOf(response).userId = userId
    const after = cursorOf(query.after) ?? 0
    const hasNews = after !== host.log.last
    const mayWait = query.wait_seconds > 0 && !host.hasEnded && !services.supervisor.isDraining
    if (hasNews || !mayWait) answerPoll(host, response, after)
    else waitForEvents(input, { after, userId })
    return undefined
  },
} satisfies Partial<Handlers>

/** @returns `null` without an id, `NaN` for one that is no version */
export function cursorOf(lastEventId: string | undefined): Version | null {
  if (lastEventId === undefined || lastEventId === '') return null
  return /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : Number.NaN
}

function answerPoll(host: SessionHost, response: Response, after: Version): void {
  const events = host.log.since(after)
  host.telemetry.eventsDelivered += events?.length ?? 0
  const frames =
    events === null
      ? [host.notice('state_sync_required', { reason: 'log_moved_on', session: host.session() })]
      : events.map(({ frame }) => frameJson(frame.toString()))
  response
    .set('Cache-Control', 'no-store')
    .type('json')
    .send(`{"events":[${frames.join(',')}],"state_version":${host.log.last}}`)
}

/** Answers when something happens, when the wait is over, or never when the client has gone. */
function waitForEvents(
  { services, host, query, response }: RouteInput<'pollEvents'>,
  { after, userId }: { readonly after: Version; readonly userId: UserId | null },
): void {
  const { clock } = services
  const answer = () => {
    if (!response.writableEnded) answerPoll(host, response, after)
  }
  const poll: Reader = {
    userId,
    // Not every command makes an event.
    flush: () => {
      if (host.log.last !== after) answer()
    },
    notify: () => {},
    resync: answer,
    profileChanged: () => {},
    end: (reason) => {
      if (reason === 'shutdown') closeAfter(response)
      answer()
    },
    destroy: () => response.destroy(),
  }
  const unfollow = host.readers.add(poll)
  const tellPresence = () => {
    if (userId !== null) host.reportStreams(userId)
  }
  tellPresence()
  const timer = clock.setTimeout(answer, query.wait_seconds * 1_000)
  response.on('close', () => {
    unfollow()
    tellPresence()
    clock.clearTimeout(timer)
  })
}
