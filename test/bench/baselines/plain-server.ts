import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Change, PlainSession } from './plain-session.js'

/** What a stream is to the plain server: something that takes frames. */
export type Send = (frame: Buffer) => void

/** How a plain server's streams write. */
export interface Delivery {
  /** In chunks, as node:http does by default; otherwise delimited by the connection's end. */
  readonly isChunked: boolean
  readonly open: (response: ServerResponse) => Send
}

interface Room {
  readonly session: PlainSession
  readonly users: Map<string, string>
  readonly streams: Set<Send>
  readonly log: Buffer[]
}

/** The number of events kept for replay, as in MagnaPP. */
const LOG_SIZE = 256
const RETRY = 'retry: 1000\n\n'
const STREAM_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
}

/**
 * The yardstick: node:http, plain objects, a map lookup for identity, one serialised buffer for all
 * readers. Listens on `PORT`.
 */
export function servePlain(delivery: Delivery): void {
  const rooms = new Map<string, Room>()
  createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    const [, api, kind, id, action] = (request.url ?? '').split('/')
    if (api === 'health') return answer(response, 200, { status: 'healthy' })
    if (kind === 'sessions' && id === undefined) return open(rooms, response)
    const room = rooms.get(id ?? '')
    if (room === undefined) return answer(response, 404, { error: true })
    if (kind === 'sse') return stream(room, delivery, request, response)
    command(room, action ?? '', { request, response })
  }).listen(Number(process.env['PORT']), '127.0.0.1')
}

function open(rooms: Map<string, Room>, response: ServerResponse): void {
  const room: Room = { session: new PlainSession(), users: new Map(), streams: new Set(), log: [] }
  rooms.set(room.session.id, room)
  answer(response, 201, { session_id: room.session.id, ...seat(room) })
}

function seat({ session, users }: Room): object {
  const user_token = randomBytes(32).toString('base64url')
  const { user_id } = session.join(`person ${users.size}`)
  users.set(user_token, user_id)
  return { user_id, user_token }
}

function command(
  room: Room,
  action: string,
  exchange: { request: IncomingMessage; response: ServerResponse },
) {
  const { request, response } = exchange
  if (action === 'join') return answer(response, 201, seat(room))
  const userId = room.users.get(request.headers.authorization?.slice('Bearer '.length) ?? '')
  if (userId === undefined) return answer(response, 401, { error: true })
  if (action === 'start') return publish(room, room.session.start(), response)
  if (action === 'reveal') return publish(room, room.session.reveal(), response)
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => {
    body += chunk
  })
  request.on('end', () => publish(room, room.session.vote(userId, JSON.parse(body).vote), response))
}

function publish(room: Room, { reply, events }: Change, response: ServerResponse): void {
  let version = room.session.version - events.length
  for (const event of events) {
    version += 1
    const frame = Buffer.from(frameOf(version, event))
    room.log.push(frame)
    if (room.log.length > LOG_SIZE) room.log.shift()
    for (const send of room.streams) send(frame)
  }
  answer(response, 200, reply)
}

function stream(room: Room, delivery: Delivery, request: IncomingMessage, response: ServerResponse): void {
  response.useChunkedEncodingByDefault = delivery.isChunked
  response.writeHead(200, delivery.isChunked ? STREAM_HEADERS : { ...STREAM_HEADERS, Connection: 'close' })
  response.flushHeaders()
  const send = delivery.open(response)
  room.streams.add(send)
  response.on('close', () => room.streams.delete(send))
  send(Buffer.from(RETRY))
  const after = request.headers['last-event-id']
  const missed = room.session.version - Number(after ?? room.session.version)
  if (after === undefined) send(Buffer.from(frameOf(room.session.version, room.session.opening())))
  else for (const frame of missed === 0 ? [] : room.log.slice(-missed)) send(frame)
}

function frameOf(version: number, event: object): string {
  return `id: ${version}\ndata: ${JSON.stringify(event)}\n\n`
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}
