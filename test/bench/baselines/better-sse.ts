import { randomBytes } from 'node:crypto'
import { type Channel, createChannel, createSession } from 'better-sse'
import express, { type Request, type Response } from 'express'
import { type Change, PlainSession } from './plain-session.js'

/* What a developer would write in an afternoon: express and better-sse, with a channel per session. */

interface Room {
  readonly session: PlainSession
  readonly users: Map<string, string>
  readonly channel: Channel
}

const rooms = new Map<string, Room>()
const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'healthy' })
})

app.post('/api/sessions', (_request, response) => {
  const room: Room = { session: new PlainSession(), users: new Map(), channel: createChannel() }
  rooms.set(room.session.id, room)
  response.status(201).json({ session_id: room.session.id, ...seat(room) })
})

app.post('/api/sessions/:id/join', (request, response) => {
  const room = rooms.get(request.params.id)
  if (room === undefined) response.sendStatus(404)
  else response.status(201).json(seat(room))
})

app.post('/api/sessions/:id/:action', (request, response) => {
  const room = rooms.get(request.params.id)
  const userId = room?.users.get(tokenOf(request))
  if (room === undefined || userId === undefined) response.sendStatus(401)
  else publish(room, commanded(room, userId, request), response)
})

app.get('/api/sse/:id', async (request, response) => {
  const room = rooms.get(request.params.id)
  if (room === undefined) return void response.sendStatus(404)
  const stream = await createSession(request, response, { keepAlive: null, retry: 1_000 })
  stream.push(room.session.opening())
  room.channel.register(stream)
})

// As for the others: the load client's connections are idle while a large crowd gathers.
app.listen(Number(process.env['PORT']), '127.0.0.1').keepAliveTimeout = 75_000

function seat({ session, users }: Room): object {
  const user_token = randomBytes(32).toString('base64url')
  const { user_id } = session.join(`person ${users.size}`)
  users.set(user_token, user_id)
  return { user_id, user_token }
}

function commanded({ session }: Room, userId: string, request: Request<{ action: string }>): Change {
  if (request.params.action === 'start') return session.start()
  if (request.params.action === 'reveal') return session.reveal()
  return session.vote(userId, request.body.vote)
}

function publish({ channel }: Room, { reply, events }: Change, response: Response): void {
  for (const event of events) channel.broadcast(event)
  response.json(reply)
}

function tokenOf(request: Request<{ action: string }>): string {
  return request.headers.authorization?.slice('Bearer '.length) ?? ''
}
