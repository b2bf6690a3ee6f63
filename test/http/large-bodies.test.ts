import { once } from 'node:events'
import http from 'node:http'
import express, { type RequestHandler } from 'express'
import { LARGE_BYTES, LargeBodies } from '../../src/http/large-bodies.js'
import { requestFacts } from '../../src/http/middleware/request-facts.js'
import { begin, takeBody } from '../../src/http/steps.js'
import { ROUTES } from '../../src/wire/routes.js'
import { startInProcess } from '../support/in-process.js'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('thirty-two may arrive at a time', () => {
  const bodies = new LargeBodies()
  for (let count = 0; count < 32; count += 1) expect(bodies.enter()).toBe(true)
  expect(bodies.enter()).toBe(false)
  bodies.leave()
  expect(bodies.enter()).toBe(true)
  expect(bodies.enter()).toBe(false)
})

test('they are read in order, one in a turn', async () => {
  const bodies = new LargeBodies()
  const read: string[] = []
  for (const name of ['a', 'b', 'c']) bodies.inTurn(() => void read.push(name))
  expect(read).toEqual([])
  for (const expected of ['a', 'ab', 'abc']) {
    await nextTurn()
    expect(read.join('')).toBe(expected)
  }
  bodies.inTurn(() => void read.push('d'))
  await nextTurn()
  expect(read.join('')).toBe('abcd')
})

/** Why: a log may take its time to say who a client is, and places that nobody gives back are gone. */
test('clients that are gone before they have proved anything take no place', async () => {
  const server = await startInProcess()
  const { services } = server
  const proof: RequestHandler = (request, response, next) => {
    if (request.url === '/') return next()
    response.once('close', () => setImmediate(next))
    request.socket.destroy()
  }
  const app = express()
  app.use(requestFacts(services.ids), begin('addStories'))
  app.use(takeBody(ROUTES.addStories, services, [proof]), (_request, response) => void response.end())
  const listening = http.createServer(app).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const address = listening.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const send = (path: string) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify([' '.repeat(2 * LARGE_BYTES)]),
    })
  try {
    for (let count = 0; count < 40; count += 1) await expect(send('/gone')).rejects.toThrow()
    expect(services.largeBodies.enter()).toBe(true)
    services.largeBodies.leave()
    expect((await send('/')).status).toBe(200)
  } finally {
    listening.close()
    listening.closeAllConnections()
    await server.stop()
  }
})
