import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Api, type Person } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type CommandOptions, runCommand, startCommand } from '../support/command.js'
import { testWith } from '../support/programs.js'

/** A terminal made by util-linux's `script`, 100 columns wide. */
const ON_TERMINAL: CommandOptions = {
  within: (command) => ['script', '-qec', `stty cols 100 rows 30; ${command}`, '/dev/null'],
  environment: { TERM: 'xterm-256color' },
}
const NEW_SCREEN = '\u001b[?1049h'
const OLD_SCREEN = '\u001b[?1049l'

let server: BuiltServer
let api: Api
beforeAll(async () => {
  server = await startBuiltServer({ MAX_SESSIONS: '100', RATE_LIMITING: 'false' })
  api = new Api(server.url)
})
afterAll(() => server.stop())

const end = (by: Person) => api.request(`/api/sessions/${by.sessionId}`, { method: 'DELETE', by })

async function playRound(ada: Person, bob: Person) {
  await api.command(ada, 'start')
  await api.command(ada, 'vote', { vote: '5' })
  await api.command(bob, 'vote', { vote: '8' })
  await api.command(ada, 'reveal')
}

describe('magnapp watch, not on a terminal', () => {
  test('prints a line for each event, and ends with 0 when the session ends', async () => {
    const ada = await api.create('Sprint 42')
    const watching = startCommand(['watch', ada.sessionId, '--url', server.url])
    await watching.untilPrinted(/session_updated/)
    const bob = await api.join(ada.sessionId)
    await playRound(ada, bob)
    await api.command(bob, `leave`)
    await end(ada)
    expect(await watching.exited).toBe(0)
    const lines = watching.stdout().trimEnd().split('\n')
    expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /, ''))).toEqual([
      'session_updated Sprint 42, waiting, connected',
      'user_joined Bob',
      'voting_started',
      'vote_submitted Ada, 1/2',
      'vote_submitted Bob, 2/2',
      'votes_revealed average 6.5',
      'round_completed',
      'user_left Bob, left',
      expect.stringMatching(/^session_expired ended: \S+/),
    ])
    expect(watching.stderr()).toMatch(/^connection: streaming\n/)
  })

  test.each([
    ['the join URL', (url: string, id: string) => [`${url}/s/${id}`]],
    ['a URL with the id in its query', (url: string, id: string) => [`${url}/?session=${id}`]],
    ['a URL of the API', (url: string, id: string) => [`${url}/api/sessions/${id}`]],
    ['the id in capitals', (url: string, id: string) => [id.toUpperCase(), '--url', `${url}/`]],
  ])('takes %s', async (_name, args) => {
    const ada = await api.create()
    const watching = startCommand(['watch', ...args(server.url, ada.sessionId)])
    await watching.untilPrinted(/session_updated/)
    await end(ada)
    expect(await watching.exited).toBe(0)
  })

  test('asks the server that the environment describes, without a URL', async () => {
    const ada = await api.create()
    const { hostname, port } = new URL(server.url)
    const environment = { HOST: hostname, PORT: port }
    const watching = startCommand(['watch', ada.sessionId], { environment })
    await watching.untilPrinted(/session_updated/)
    await end(ada)
    expect(await watching.exited).toBe(0)
  })

  test.each([
    ['--token', (token: string) => ({ args: ['--token', token] })],
    ['MAGNAPP_TOKEN', (token: string) => ({ args: [], environment: { MAGNAPP_TOKEN: token } })],
  ])('with %s watches as that participant, who is thereby online', async (_name, given) => {
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const { args, environment = {} } = { environment: {}, ...given(bob.token) }
    const watching = startCommand(['watch', ada.sessionId, '--url', server.url, ...args], { environment })
    await watching.untilPrinted(/session_updated/)
    await api.command(ada, `kick/${bob.userId}?kicker_id=${ada.userId}`)
    // The stream of somebody who was kicked ends and may not come back.
    expect(await watching.exited).toBe(1)
    expect(watching.stdout()).toContain('user_left Bob, kicked')
    await end(ada)
  })

  test('says why there is no such session, and ends with 1', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    const { exitCode, stdout, stderr } = await runCommand(['watch', id, '--url', server.url])
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^magnapp: .*session.*\n$/i)
  })

  test('says at once that nobody answers, and ends with 1', async () => {
    const id = '00000000-0000-4000-8000-000000000000'
    const { exitCode, stderr } = await runCommand(['watch', id, '--url', 'http://127.0.0.1:2'])
    expect([exitCode, stderr]).toEqual([1, 'magnapp: http://127.0.0.1:2 does not answer: ECONNREFUSED\n'])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('on %s ends with %d', async (signal, exitCode) => {
    const ada = await api.create()
    const watching = startCommand(['watch', ada.sessionId, '--url', server.url])
    await watching.untilPrinted(/session_updated/)
    watching.process.kill(signal)
    expect(await watching.exited).toBe(exitCode)
    await end(ada)
  })
})

describe('magnapp watch, on a terminal', () => {
  const terminalTest = testWith('script')

  terminalTest('redraws a table in place, and leaves the last one behind', async () => {
    const ada = await api.create('Sprint 42')
    const bob = await api.join(ada.sessionId, '山田')
    const watching = startCommand(['watch', ada.sessionId, '--url', server.url], ON_TERMINAL)
    await watching.untilPrinted(/streaming/)
    await playRound(ada, bob)
    await watching.untilPrinted(/round_completed/)
    await end(ada)
    expect(await watching.exited).toBe(0)
    const [before = '', drawn = ''] = watching.stdout().split(NEW_SCREEN)
    expect(before).toBe('')
    const [inPlace = '', left = ''] = drawn.split(OLD_SCREEN)
    const pictures = inPlace.split('\u001b[H').slice(1)
    expect(pictures.length).toBeGreaterThan(2)
    for (const picture of pictures) expect(picture.split('\r\n').length).toBeLessThanOrEqual(30)
    const text = uncoloured(left)
    expect(text).toMatch(/^Sprint 42 {2}ended {2}2\/2 voted\r\n/)
    expect(text).toContain(`${server.url}  closed  version `)
    expect(text).toMatch(/\[ {3}5 {2}\] Ada leads\s+\[ {3}8 {2}\] 山田\r\n/)
    expect(text).toContain('average 6.5\r\n')
    expect(text).toMatch(/\d\d:\d\d:\d\d vote_submitted 山田, 2\/2\r\n/)
    expect(left).toContain('\u001b[1mSprint 42\u001b[0m')
  })

  terminalTest('with NO_COLOR drops the colours, but not the table', async () => {
    const ada = await api.create('Sprint 42')
    const environment = { TERM: 'xterm-256color', NO_COLOR: '1' }
    const watching = startCommand(['watch', ada.sessionId, '--url', server.url], {
      ...ON_TERMINAL,
      environment,
    })
    await watching.untilPrinted(/streaming/)
    await end(ada)
    await watching.exited
    expect(watching.stdout()).toContain('Sprint 42  ended')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for colours
    expect(watching.stdout()).not.toMatch(/\u001b\[\d*m/)
  })
})

describe('text from others', () => {
  const ID = '00000000-0000-4000-8000-000000000001'
  const EVIL = '\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp.\u200b\r\nfake line'
  let hostile: Server

  beforeAll(async () => {
    hostile = createServer((request, response) => {
      if (request.url?.startsWith('/api/sse/') !== true) return void response.end('{}')
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write(
        `data: ${JSON.stringify(frame(1, 'session_updated', { session, reason: 'connected' }))}\n\n`,
      )
      response.write(
        `data: ${JSON.stringify(frame(2, 'session_paused', { reason: EVIL, message: EVIL }))}\n\n`,
      )
      response.end(
        `data: ${JSON.stringify(frame(3, 'session_expired', { reason: EVIL, message: EVIL }))}\n\n`,
      )
    })
    await new Promise<void>((resolve) => hostile.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    hostile.closeAllConnections()
    hostile.close()
  })

  const frame = (version: number, type: string, data: object) => ({
    type,
    session_id: ID,
    timestamp: EVIL,
    state_version: version,
    state_checksum: null,
    data,
  })
  const session = {
    id: ID,
    name: EVIL,
    status: EVIL,
    participants: [{ id: EVIL, name: EVIL, avatar: EVIL, role: EVIL, is_online: true, joined_at: EVIL }],
    scrum_master_id: EVIL,
    current_round: {
      id: EVIL,
      votes: { [EVIL]: { user_id: EVIL, value: EVIL, submitted_at: EVIL } },
      is_revealed: true,
      statistics: { average: EVIL, distribution: { [EVIL]: EVIL }, consensus: false, total_votes: 1 },
      started_at: EVIL,
      story: { id: EVIL, title: EVIL, link: EVIL },
      attempt: 2,
      anonymous: EVIL,
      round_ends_at: EVIL,
      round_left_seconds: EVIL,
      accepted_estimate: EVIL,
    },
    settings: { deck: { name: EVIL, cards: [EVIL] } },
    expires_at: EVIL,
    grace_period_expires: null,
    mobile_optimizations: {},
    state_version: 1,
    state_checksum: null,
  }
  const urlOf = (hostileServer: Server) => {
    const { port } = hostileServer.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  test('reaches a pipe without control characters: every line is one event', async () => {
    const { exitCode, stdout } = await runCommand(['watch', ID, '--url', urlOf(hostile)])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('�[2J�]0;owned�')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/)
    expect(stdout.trimEnd().split('\n')).toHaveLength(3)
  })

  testWith('script')('reaches a terminal without any sequence but the table’s own', async () => {
    const { stdout } = await runCommand(['watch', ID, '--url', urlOf(hostile)], ON_TERMINAL)
    expect(stdout).toContain('�[2J�]0;owned�')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the table's own sequences
    const others = stdout.replaceAll(/\u001b\[(\?1049[hl]|\?25[hl]|\?7[hl]|[HKJ]|\d+m)|\r\n/g, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(others).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b\u202e]/)
  })
})

function uncoloured(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out
  return text.replaceAll(/\u001b\[\d+m/g, '')
}
