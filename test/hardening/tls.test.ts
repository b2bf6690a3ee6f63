import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type Certificate, selfSignedCertificate } from '../support/certificate.js'
import { runCommand } from '../support/command.js'
import { testWith } from '../support/programs.js'

const tlsTest = testWith('openssl')

let server: BuiltServer | null = null
let own: Certificate
let other: Certificate

beforeEach(() => {
  own = selfSignedCertificate()
  other = selfSignedCertificate()
})

afterEach(async () => {
  await server?.stop()
  server = null
  own.remove()
  other.remove()
})

const settings = ({ keyFile, certFile }: Certificate) => ({ SSL_KEYFILE: keyFile, SSL_CERTFILE: certFile })

function portOf({ url }: BuiltServer): number {
  return Number(new URL(url).port)
}

interface TlsAnswer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the test is about
  readonly body: any
}

/** A request that trusts this certificate and no other. */
function ask(at: BuiltServer, { certFile }: Certificate, path: string, body?: object): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const request = https.request({
      host: '127.0.0.1',
      servername: 'localhost',
      port: portOf(at),
      path,
      agent: false,
      ca: readFileSync(certFile),
      method: body === undefined ? 'GET' : 'POST',
      headers: { Host: `localhost:${portOf(at)}`, 'Content-Type': 'application/json' },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) }),
      )
    })
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function untilLogged(at: BuiltServer, text: string): Promise<void> {
  while (!at.output().includes(text)) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a server with a certificate', () => {
  tlsTest('speaks TLS: the cookie is secure, links begin with https, browsers are bound to it', async () => {
    server = await startBuiltServer(settings(own))
    expect(server.output()).toMatch(/"url":"https:\/\/localhost:\d+","certificate_valid_until":"\d{4}-/)
    const person = { name: 'Sprint', creator_name: 'Ada', creator_avatar: 'fox' }
    const { status, headers, body } = await ask(server, own, '/api/sessions', person)
    expect(status).toBe(201)
    expect(String(headers['set-cookie'])).toMatch(/^__Host-magnapp_.*; Path=\/; .*; Secure/)
    expect(body.join_url).toBe(`https://localhost:${portOf(server)}/s/${body.session_id}`)
    expect(headers['strict-transport-security']).toBe('max-age=63072000')
    expect(await server.stop()).toBe(0)
  })

  tlsTest('does not answer plain HTTP, and survives it', async () => {
    server = await startBuiltServer(settings(own))
    const plain = net.connect(portOf(server), '127.0.0.1')
    plain.on('error', () => {})
    plain.resume()
    plain.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n')
    await new Promise((resolve) => plain.once('close', resolve))
    expect((await ask(server, own, '/health')).status).toBe(200)
  })

  tlsTest('loads a new one on SIGHUP; open connections continue', async () => {
    server = await startBuiltServer(settings(own))
    const open = tls.connect({
      host: '127.0.0.1',
      port: portOf(server),
      servername: 'localhost',
      ca: readFileSync(own.certFile),
    })
    await new Promise((resolve) => open.once('secureConnect', resolve))
    const old = { ...own, certFile: `${own.certFile}.old` }
    copyFileSync(own.certFile, old.certFile)
    copyFileSync(other.keyFile, own.keyFile)
    copyFileSync(other.certFile, own.certFile)
    server.process.kill('SIGHUP')
    await untilLogged(server, 'certificate renewed')
    expect((await ask(server, other, '/health')).status).toBe(200)
    await expect(ask(server, old, '/health')).rejects.toThrow(/self-signed|verif/)
    open.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    const answer = await new Promise((resolve) => open.once('data', (bytes) => resolve(String(bytes))))
    expect(answer).toMatch(/^HTTP\/1.1 200/)
    open.destroy()
  })

  tlsTest('refuses an unusable new one, says why, and keeps the old one', async () => {
    server = await startBuiltServer(settings(own))
    copyFileSync(other.keyFile, own.keyFile)
    server.process.kill('SIGHUP')
    await untilLogged(server, 'certificate refused')
    expect(server.output()).toMatch(/SSL_KEYFILE is .*; it may hold the private key/)
    expect((await ask(server, own, '/health')).status).toBe(200)
  })

  tlsTest('shuts down even if somebody does not finish a handshake', async () => {
    server = await startBuiltServer({ ...settings(own), SHUTDOWN_SECONDS: '0.5' })
    const silent = net.connect(portOf(server), '127.0.0.1')
    silent.on('error', () => {})
    await new Promise((resolve) => silent.once('connect', resolve))
    expect(await server.stop()).toBe(0)
  })
})

describe('startup stops with a line that names the variable', () => {
  const started = (environment: Record<string, string>) =>
    runCommand([], { environment: { PORT: '0', HOST: '127.0.0.1', ...environment } })

  tlsTest.each([
    [
      'a key without a certificate',
      (): object => ({ SSL_CERTFILE: '' }),
      /^SSL_CERTFILE is ""; it may hold .* when SSL_KEYFILE does$/,
    ],
    [
      'a certificate without a key',
      () => ({ SSL_KEYFILE: '' }),
      /^SSL_KEYFILE is ""; it may hold .* when SSL_CERTFILE does$/,
    ],
    [
      'a file that is not there',
      () => ({ SSL_CERTFILE: '/nowhere.pem' }),
      /^SSL_CERTFILE is "\/nowhere.pem"; it cannot be read: ENOENT$/,
    ],
    [
      'a certificate that is not one',
      () => ({ SSL_CERTFILE: own.keyFile }),
      /^SSL_CERTFILE is ".*"; it may hold a certificate chain in PEM$/,
    ],
    [
      'a key that is not one',
      () => ({ SSL_KEYFILE: own.certFile }),
      /^SSL_KEYFILE is ".*"; it may hold the private key, /,
    ],
    [
      'a key of another certificate',
      () => ({ SSL_KEYFILE: other.keyFile }),
      /^SSL_KEYFILE is ".*"; it may hold the private key, /,
    ],
    [
      'an empty file',
      () => ({ SSL_KEYFILE: empty() }),
      /^SSL_KEYFILE is ".*"; it may hold the private key, /,
    ],
  ])('%s', async (_name, change, line) => {
    const { exitCode, stderr } = await started({ ...settings(own), ...change() })
    expect(stderr.trim()).toMatch(line)
    expect(exitCode).toBe(78)
  })
})

function empty(): string {
  const path = `${own.keyFile}.empty`
  writeFileSync(path, '')
  return path
}
