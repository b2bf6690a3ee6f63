import { readFileSync } from 'node:fs'
import { Api } from '../support/api.js'
import { startBuiltServer } from '../support/built-server.js'
import { runCommand, startCommand } from '../support/command.js'
import { testWith } from '../support/programs.js'
import { TestStream } from '../support/sse.js'

describe('magnapp demo', () => {
  test('plays on a running server, when told where, and ends its session', async () => {
    const server = await startBuiltServer()
    const { exitCode, stdout, stderr } = await runCommand(['demo', '--url', server.url])
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout.match(/seen by 16 streams/g)).toHaveLength(3)
    expect(stdout).not.toContain('\u001b')
    expect((await new Api(server.url).request('/api/sessions')).body).toEqual([])
    expect(await server.stop()).toBe(0)
  })

  test('has its own deck, an observer, stories, and a reveal by the last card', async () => {
    const server = await startBuiltServer()
    const demo = startCommand(['demo', '--url', server.url])
    await demo.untilPrinted(/round 1 of 3: \S/)
    const api = new Api(server.url)
    const [{ id }] = (await api.request('/api/sessions')).body
    const stream = await new TestStream(server.url, id, { lastEventId: 0 }).untilType('estimate_accepted')
    stream.close()
    expect((await api.session(id)).settings).toMatchObject({
      deck: { name: 'modified_fibonacci' },
      auto_reveal: true,
    })
    // Nothing comes between the last card and the reveal: they are one step.
    const seen = stream.events.map(({ data }) => data.type)
    expect(seen[seen.indexOf('votes_revealed') - 1]).toBe('vote_submitted')
    expect(await demo.exited).toBe(0)
    expect(demo.stdout().match(/ observes/g)).toHaveLength(3)
    expect(await server.stop()).toBe(0)
  })

  test('says that nobody answers, and ends with 1', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['demo', '--url', 'http://127.0.0.1:2'])
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^magnapp: http:\/\/127\.0\.0\.1:2: \S.*\n$/)
  })

  test.each(['SIGTERM', 'SIGHUP'] as const)('ends its server too on %s', async (signal) => {
    const demo = startCommand(['demo'], { environment: { PORT: '1', MAX_USERS_PER_SESSION: '2' } })
    await demo.untilPrinted(/round 1 of 3/)
    const [server = 0] = descendantsOf(demo.process.pid ?? 0)
    expect(isRunning(server)).toBe(true)
    demo.process.kill(signal)
    expect([await demo.exited, demo.stderr()]).toEqual([null, ''])
    while (isRunning(server)) await new Promise((resolve) => setTimeout(resolve, 10))
  })

  testWith('script').each([
    ['colours', {}, true],
    ['no colours with NO_COLOR', { NO_COLOR: '1' }, false],
  ])('on a terminal: %s, and the table redrawn in place', async (_name, environment, isColoured) => {
    const demo = startCommand(['demo'], {
      within: (command) => ['script', '-qec', `stty cols 120 rows 40; exec ${command}`, '/dev/null'],
      environment: { TERM: 'xterm-256color', ...environment },
    })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the cursor goes up over the table
    await demo.untilPrinted(/\u001b\[\d+A\u001b\[J/)
    const processes = descendantsOf(demo.process.pid ?? 0)
    expect(processes).toHaveLength(2)
    demo.process.kill('SIGTERM')
    await demo.exited
    // Everything ends with its terminal, including the server.
    while (processes.some(isRunning)) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(demo.stdout().includes('\u001b[1m')).toBe(isColoured)
  })
})

/** The processes that a process has started, directly or indirectly. */
function descendantsOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const children = text === '' ? [] : text.split(' ').map(Number)
  return children.flatMap((child) => [child, ...descendantsOf(child)])
}

/** A zombie does not count as running. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
