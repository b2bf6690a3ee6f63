import http from 'node:http'
import { Api } from '../support/api.js'
import { type InProcess, startInProcess } from '../support/in-process.js'

let server: InProcess

afterEach(() => server.stop())

const NOTHING = "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'"

describe('security headers', () => {
  test.each([
    ['an answer', '/health', {}],
    ['an error', '/api/sessions/none', {}],
    ['an unknown address', '/none', {}],
    ['a preflight', '/api/sessions', { method: 'OPTIONS', headers: { Origin: 'https://evil.example' } }],
    [
      'a body that is not JSON',
      '/api/sessions',
      { method: 'POST', body: '{', headers: { 'Content-Type': 'application/json' } },
    ],
  ])('%s has them', async (_name, path, init) => {
    server = await startInProcess()
    const { headers } = await fetch(server.url + path, init)
    expect(headers.get('content-security-policy')).toBe(NOTHING)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('x-powered-by')).toBeNull()
  })

  test('leave out over plain HTTP from elsewhere the one that browsers ignore there', async () => {
    server = await startInProcess()
    const { port } = new URL(server.url)
    const policyFor = (host: string) =>
      new Promise((resolve) => {
        http.get({ host: '127.0.0.1', port, path: '/health', headers: { host } }, (response) => {
          response.resume()
          resolve(response.headers['cross-origin-opener-policy'])
        })
      })
    expect(await policyFor(`localhost:${port}`)).toBe('same-origin')
    expect(await policyFor(`192.168.1.20:${port}`)).toBeUndefined()
  })

  test('are on a stream too, and a page has a policy that lets it work', async () => {
    server = await startInProcess()
    const { sessionId } = await new Api(server.url).create()
    const stream = await fetch(`${server.url}/api/sse/${sessionId}`, { method: 'HEAD' })
    expect(stream.headers.get('content-security-policy')).toBe(NOTHING)
    const page = await fetch(`${server.url}/docs`)
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'/)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('bind nobody to TLS over plain HTTP, and everybody behind a trusted proxy that speaks TLS', async () => {
    const headers = { 'X-Forwarded-Proto': 'https' }
    server = await startInProcess()
    const spoofed = await fetch(`${server.url}/health`, { headers })
    expect(spoofed.headers.get('strict-transport-security')).toBeNull()
    await server.stop()
    server = await startInProcess({ environment: { TRUST_PROXY: '1' } })
    const plain = await fetch(`${server.url}/health`)
    expect(plain.headers.get('strict-transport-security')).toBeNull()
    const secure = await fetch(`${server.url}/health`, { headers })
    expect(secure.headers.get('strict-transport-security')).toBe('max-age=63072000')
  })

  test('are left to a proxy in front with SECURE_HEADERS=false', async () => {
    server = await startInProcess({ environment: { SECURE_HEADERS: 'false' } })
    const { headers } = await fetch(`${server.url}/health`)
    expect(headers.get('content-security-policy')).toBeNull()
    expect(headers.get('x-content-type-options')).toBeNull()
  })
})
