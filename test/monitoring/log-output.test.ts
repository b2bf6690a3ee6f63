import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { ENTRY, startBuiltServer } from '../support/built-server.js'
import { linesOf, logLines, waitUntil } from '../support/log-lines.js'
import { testWith } from '../support/programs.js'

test('to a pipe or a file go JSON lines: the first says what runs where, the last that it has stopped', async () => {
  const server = await startBuiltServer({ IDENTITY: 'open', LOG_LEVEL: 'INFO' })
  expect(await server.stop()).toBe(0)
  const [ready] = linesOf(server.output(), 'ready')
  expect(ready).toMatchObject({
    level: 'info',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    node: process.version,
    pid: server.process.pid,
    host: '127.0.0.1',
    port: Number(new URL(server.url).port),
    identity: 'open',
    max_sessions: 3,
    max_users_per_session: 16,
  })
  const messages = logLines(server.output()).map(({ msg }) => msg)
  // The last lines are written while the process ends, in any order.
  expect(messages.sort()).toEqual(['draining', 'ready', 'stopped'])
})

testWith('script')('to a terminal go lines for people', async () => {
  // The server gets a terminal of its own; what it shows comes back here.
  const terminal = spawn('script', ['-qec', `${process.execPath} ${ENTRY}`, '/dev/null'], {
    env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', TERM: 'xterm' },
    cwd: __dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  terminal.stdout.on('data', (chunk) => {
    shown += chunk
  })
  await waitUntil(() => shown.includes('ready') && shown.includes('port'))
  terminal.stdin.write('\x03')
  await new Promise((resolve) => terminal.once('exit', resolve))
  expect(shown).toMatch(/INFO.*ready/)
  expect(shown).toMatch(/INFO.*stopped/)
  expect(shown).not.toContain('"msg"')
})

test('lines come in order and none is lost, however the process ends', async () => {
  const ids = Array.from({ length: 500 }, (_, index) => `request-${index}`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = await startBuiltServer()
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.resume()
    // One after another, so that the order is known; the last has no time to be written on its own.
    for (const id of ids) {
      socket.write(`GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n\r\n`)
      await once(socket, 'data')
    }
    socket.end()
    expect(await server.stop(signal)).toBe(0)
    expect(linesOf(server.output(), 'request').map(({ request_id }) => request_id)).toEqual(ids)
  }
})
