import { once } from 'node:events'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { chain } from '../../src/http/middleware/chain.js'

/** What a chain of handlers answers on a real server: the names of those called, and any fault. */
async function answerOf(...handlers: readonly RequestHandler[]): Promise<string> {
  const app = express()
  const tellFault: ErrorRequestHandler = (fault, _request, response, _next) =>
    void response.end(`${called(response.locals)} fault ${fault.message}`)
  app.use(chain(tellFault, ...handlers))
  app.use((_request, response) => void response.end(`${called(response.locals)} done`))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`)).text()
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const called = (locals: Record<string, unknown>) => String(locals['called'] ?? '')

/** Notes that it was called, and continues as told. */
function handler(
  name: string,
  goOn: (next: (fault?: unknown) => void) => void = (next) => next(),
): RequestHandler {
  return (_request, response, next) => {
    response.locals['called'] = called(response.locals) + name
    goOn(next)
  }
}

const fault = new Error('no')
const fails = () => {
  throw fault
}

test('handlers are called in order, then what comes after them', async () => {
  expect(await answerOf(handler('a'), handler('b', waits), handler('c'))).toBe('abc done')
  expect(await answerOf()).toBe(' done')
})

const waits = (next: () => void) => void setImmediate(next)

test.each([
  ['thrown', [handler('a', fails)], 'a'],
  ['thrown after a wait', [handler('a', waits), handler('b', fails)], 'ab'],
  ['passed on', [handler('a', (next) => next(fault))], 'a'],
  ['passed on after a wait', [handler('a', (next) => void setImmediate(() => next(fault)))], 'a'],
])('a fault that is %s ends the chain', async (_how, handlers, expected) => {
  expect(await answerOf(...handlers, handler('c'))).toBe(`${expected} fault no`)
})
