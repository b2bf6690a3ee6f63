import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { answer } from '../../src/http/answer.js'
import { errorResponse } from '../../src/http/middleware/errors.js'
import { requestFacts } from '../../src/http/middleware/request-facts.js'
import type { Handler } from '../../src/http/route.js'
import { begin } from '../../src/http/steps.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

let home: InProcess
let server: Server

beforeAll(async () => {
  home = await startInProcess()
})
afterAll(() => home.stop())
afterEach(() => server.close())

/** An app of only these steps. */
async function serve(...steps: RequestHandler[]): Promise<string> {
  const { ids, logger, clock } = home.services
  const app = express()
  app.use(requestFacts(ids))
  app.use(begin('live'), ...steps)
  app.use(errorResponse(logger, clock))
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

const LIVE = { status: 'live' } as const

describe('an answer', () => {
  const answering = (handler: Handler<'live'>) => serve(answer('live', handler, home.services))

  test('is what the handler returns', async () => {
    const response = await fetch(await answering(() => LIVE))
    expect([response.status, await response.json()]).toEqual([200, LIVE])
  })

  test('comes when the handler has it, with another status if the handler sets one', async () => {
    const url = await answering(({ reply }) => {
      setImmediate(() => reply(LIVE, 503))
      return undefined
    })
    const response = await fetch(url)
    expect([response.status, await response.json()]).toEqual([503, LIVE])
  })

  test('is an error if the handler fails later', async () => {
    const url = await answering(({ fail }) => {
      setImmediate(() => fail(new Error('later')))
      return undefined
    })
    expect((await fetch(url)).status).toBe(500)
    expect(home.log()).toContain('"message":"later"')
  })

  test('that throws affects only itself', async () => {
    let asked = 0
    const broken = {
      ...LIVE,
      toJSON: () => {
        throw new Error('cannot be JSON')
      },
    }
    const url = await answering(({ reply }) => {
      asked += 1
      if (asked > 2) return LIVE
      if (asked === 2) return broken
      setImmediate(() => reply(broken))
      return undefined
    })
    expect((await fetch(url)).status).toBe(500)
    expect((await fetch(url)).status).toBe(500)
    expect((await fetch(url)).status).toBe(200)
  })

  test('that can no longer be sent ends its connection and nothing else', async () => {
    const url = await answering(({ response }) => {
      response.end = () => {
        throw new Error('cannot be sent')
      }
      return LIVE
    })
    await expect(fetch(url)).rejects.toThrow()
    expect((await fetch(`${home.url}/livez`)).status).toBe(200)
  })
})
