import http from 'node:http'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'

describe('a chunked body without a type', () => {
  let server: BuiltServer
  let ada: Person

  beforeAll(async () => {
    server = await startBuiltServer()
    ada = await new Api(server.url).create()
  })
  afterAll(() => server.stop())

  test('is none while it has no bytes, as a proxy sends an empty POST of HTTP/2 on', async () => {
    expect(await startRoundWith('')).toBe(200)
  })

  test('is refused with 415 when it has bytes', async () => {
    expect(await startRoundWith('{}')).toBe(415)
  })

  function startRoundWith(body: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = http.request(`${server.url}/api/sessions/${ada.sessionId}/start`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${ada.token}`, 'Transfer-Encoding': 'chunked' },
        agent: false,
      })
      request.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
      request.end(body)
    })
  }
})
