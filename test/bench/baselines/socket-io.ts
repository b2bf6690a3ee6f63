import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { type Change, PlainSession } from './plain-session.js'

/* The usual alternative: socket.io's rooms over WebSocket. */

/** Longer than a run: the bench's client answers no pings. */
const PING_MS = 3_600_000
const sessions = new Map<string, PlainSession>()

const http = createServer((_request, response) => response.end('{"status":"healthy"}'))
const io = new Server(http, { transports: ['websocket'], pingInterval: PING_MS, pingTimeout: PING_MS })

type Answer = (body: object) => void

io.on('connection', (socket) => {
  let session: PlainSession | undefined
  let userId = ''

  const sit = (found: PlainSession, answer: Answer) => {
    session = found
    userId = found.join(`person ${found.version}`).user_id
    socket.join(found.id)
    answer({ session_id: found.id, user_id: userId, user_token: 'none' })
  }
  const publish = ({ reply, events }: Change, answer: Answer) => {
    for (const event of events) io.to(session?.id ?? '').emit('event', event)
    answer(reply)
  }

  socket.on('create', (_input: object, answer: Answer) => {
    const made = new PlainSession()
    sessions.set(made.id, made)
    sit(made, answer)
  })
  socket.on('join', ({ session_id }: { session_id: string }, answer: Answer) => {
    const found = sessions.get(session_id)
    if (found !== undefined) sit(found, answer)
  })
  socket.on('start', (_input: object, answer: Answer) => session && publish(session.start(), answer))
  socket.on('reveal', (_input: object, answer: Answer) => session && publish(session.reveal(), answer))
  socket.on('vote', ({ vote }: { vote: string }, answer: Answer) => {
    if (session !== undefined) publish(session.vote(userId, vote), answer)
  })
})

http.listen(Number(process.env['PORT']), '127.0.0.1')
