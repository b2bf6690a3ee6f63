import { z } from 'zod'
import type { Way } from './connection.js'
import { type EventStream, openStream } from './event-stream.js'
import { HttpConnection, requestBytes } from './http.js'
import { emitFrame, SocketIoConnection } from './socket-io.js'
import { type Command, type Player, Table, type Tally } from './table.js'

export interface CrowdOptions {
  /** The servers' ports. */
  readonly ports: readonly number[]
  /** Each session's people are spread over the servers; otherwise whole sessions take turns. */
  readonly isSpread: boolean
  readonly protocol: 'sse' | 'socket.io'
  readonly sessions: number
  readonly users: number
  /** One connection per user for commands; otherwise one per session and server. */
  readonly hasOwnConnections: boolean
}

/** A participant as the server created them, and where they connect. */
export interface Member extends Way {
  readonly sessionId: string
  readonly userId: string
  readonly token: string
}

/** A session with its people, before anybody listens. */
export interface Party {
  readonly table: Table
  readonly members: readonly Member[]
  readonly sockets: readonly SocketIoConnection[]
}

export interface OpenStream {
  readonly table: Table
  readonly stream: EventStream
}

/** Connections and joins under way at once: a crowd does not arrive all in one instant. */
const AT_ONCE = 64
const DECK = ['1', '2', '3', '5', '8', '13', '21', 'coffee'] as const
const created = z.object({ session_id: z.string(), user_id: z.string(), user_token: z.string() })
const joined = z.object({ user_id: z.string(), user_token: z.string() })

/** Creates the sessions and has everybody join; no stream is open yet. */
export async function gather(options: CrowdOptions, tally: Tally): Promise<Party[]> {
  const { protocol, sessions } = options
  const seat = protocol === 'sse' ? seatOverHttp : seatOverSocketIo
  return inTurns(Array.from({ length: sessions }), async (_, index) => {
    return seat(index, new Table(tally), options)
  })
}

/** Opens everybody's stream; nothing counts yet. */
export async function listen(parties: readonly Party[]): Promise<OpenStream[]> {
  const seats = parties.flatMap(({ table, members, sockets }) =>
    sockets.length > 0 ? [] : members.map((member) => ({ table, member })),
  )
  return inTurns(seats, async ({ table, member }) => ({ table, stream: await openStream(member) }))
}

/** From now on every frame counts for its table. */
export function count(parties: readonly Party[], streams: readonly OpenStream[]): void {
  for (const { table, members, sockets } of parties) {
    table.readers = members.length
    for (const socket of sockets) socket.onFrames = (frames, bytes) => table.delivered(frames, bytes)
  }
  for (const { table, stream } of streams) {
    stream.onFrames = (frames, bytes) => table.delivered(frames, bytes)
  }
}

/** Does something for each item, a limited number at once; returns results in the items' order. */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await act(item, index)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return results
}

/** How a participant reaches their server. */
function wayOf({ ports, isSpread }: CrowdOptions, table: number, person: number): Way {
  const place = isSpread ? table + person : table
  return { port: ports[place % ports.length] ?? 0, table }
}

async function seatOverHttp(place: number, table: Table, options: CrowdOptions): Promise<Party> {
  const doors = new Map<number, HttpConnection>()
  /** The connection over which a participant sends commands. */
  const doorOf = async (way: Way) => {
    const known = options.hasOwnConnections ? undefined : doors.get(way.port)
    const door = known ?? (await HttpConnection.open(way))
    doors.set(way.port, door)
    return door
  }
  const way = wayOf(options, place, 0)
  const shared = await doorOf(way)
  const body = { name: 'bench', creator_name: 'person 0', creator_avatar: 'fox' }
  const first = created.parse(JSON.parse(await shared.ask(requestBytes('POST', '/api/sessions', { body }))))
  const sessionId = first.session_id
  const members = [{ ...way, sessionId, userId: first.user_id, token: first.user_token }]
  const connections = [shared]
  while (members.length < options.users) {
    // People join over their own connection: one without a request so far would be closed as too slow.
    const there = wayOf(options, place, members.length)
    const connection = await doorOf(there)
    connections.push(connection)
    const who = { user_name: `person ${members.length}`, user_avatar: 'fox' }
    const path = `/api/sessions/${sessionId}/join`
    const next = joined.parse(JSON.parse(await connection.ask(requestBytes('POST', path, { body: who }))))
    members.push({ ...there, sessionId, userId: next.user_id, token: next.user_token })
  }
  for (const [index, member] of members.entries()) {
    table.players.push(httpPlayer(connections[index] ?? shared, member, { table, card: cardOf(index) }))
  }
  return { table, members, sockets: [] }
}

function httpPlayer(
  connection: HttpConnection,
  { sessionId, token }: Member,
  { table, card }: { table: Table; card: string },
): Player {
  const requests: Record<Command, Buffer> = {
    start: requestBytes('POST', `/api/sessions/${sessionId}/start`, { token }),
    vote: requestBytes('POST', `/api/sessions/${sessionId}/vote`, { token, body: { vote: card } }),
    reveal: requestBytes('POST', `/api/sessions/${sessionId}/reveal`, { token }),
  }
  const onReply = ({ status, body }: { status: number; body: string }) => {
    if (status !== 200) throw new Error(`${status}: ${body}`)
    table.replied()
  }
  return { send: (command) => connection.send(requests[command], onReply) }
}

async function seatOverSocketIo(place: number, table: Table, options: CrowdOptions): Promise<Party> {
  const way = wayOf(options, place, 0)
  const sockets = [await SocketIoConnection.open(way)]
  const [first] = sockets
  if (first === undefined) throw new Error('no socket')
  const { session_id, user_id, user_token } = created.parse(JSON.parse(await first.ask('create', {})))
  const members = [{ ...way, sessionId: session_id, userId: user_id, token: user_token }]
  while (members.length < options.users) {
    const socket = await SocketIoConnection.open(way)
    sockets.push(socket)
    const next = joined.parse(JSON.parse(await socket.ask('join', { session_id })))
    members.push({ ...way, sessionId: session_id, userId: next.user_id, token: next.user_token })
  }
  for (const [index, socket] of sockets.entries()) {
    const frames: Record<Command, Buffer> = {
      start: emitFrame('start', {}),
      vote: emitFrame('vote', { vote: cardOf(index) }),
      reveal: emitFrame('reveal', {}),
    }
    socket.onAck = () => table.replied()
    table.players.push({ send: (command) => socket.send(frames[command]) })
  }
  return { table, members, sockets }
}

function cardOf(index: number): string {
  return DECK[index % DECK.length] ?? DECK[0]
}
