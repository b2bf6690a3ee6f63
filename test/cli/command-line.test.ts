import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SETTINGS } from '../../src/platform/config.js'
import { ENTRY, startBuiltServer } from '../support/built-server.js'
import { runCommand } from '../support/command.js'
import { modulesRun } from '../support/modules-run.js'

const ROOT = join(__dirname, '../..')
const PACKAGE = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

describe('magnapp', () => {
  test('is the program that the package names', () => {
    expect(join(ROOT, PACKAGE.bin.magnapp)).toBe(ENTRY)
    expect(readFileSync(ENTRY, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })

  test('prints the version for --version in any position', async () => {
    const version = { exitCode: 0, stdout: `${PACKAGE.version}\n`, stderr: '' }
    expect(await runCommand(['--version'])).toEqual(version)
    expect(await runCommand(['-v'])).toEqual(version)
    expect(await runCommand(['demo', '--version'])).toEqual(version)
  })

  test('names for --help every command, option and exit code, and every variable with its default', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['--help'])
    expect([exitCode, stderr]).toEqual([0, ''])
    for (const command of ['serve', 'demo', 'watch SESSION', 'health', 'diagrams [FOLDER]'])
      expect(stdout).toContain(`\n  ${command} `)
    for (const option of ['--help', '--version', '--print-config', '--url URL', '--token TOKEN'])
      expect(stdout).toContain(option)
    for (const code of ['0', '1', '64', '78', '130, 143']) expect(stdout).toMatch(RegExp(`\n  ${code} `))
    const lines = stdout.split('\n')
    for (const [name, { fallback }] of Object.entries(SETTINGS))
      expect(lines.find((line) => line.startsWith(`  ${name} `))).toContain(`(${fallback || 'unset'})`)
    expect(stdout).not.toContain('\u001b')
    expect((await runCommand(['-h', 'watch'])).stdout).toBe(stdout)
  })

  test.each([
    [['serv'], 'there is no command "serv"; did you mean serve?'],
    [['helth', '--url', 'http://x'], 'there is no command "helth"; did you mean health?'],
    [['start'], 'there is no command "start"'],
    [['constructor'], 'there is no command "constructor"'],
    [['--port', '80'], "Unknown option '--port'"],
    [['--url'], "Option '--url <value>' argument missing"],
    [['serve', '--url', 'http://x'], 'serve takes no --url'],
    [['health', '--token', 'x'], 'health takes no --token'],
    [['serve', 'now'], 'serve does not take "now"'],
    [['diagrams', 'a', 'b'], 'diagrams does not take "b"'],
    [['watch'], 'watch needs a SESSION'],
    [['watch', 'sprint-42'], '"sprint-42" is neither a session\'s id nor a join URL'],
    [
      ['watch', 'https://poker.example/'],
      '"https://poker.example/" is neither a session\'s id nor a join URL',
    ],
    [['health', '--url', 'poker.example'], '--url is "poker.example"; it may hold an http: or https: URL'],
    [['health', '--url', 'ftp://x'], '--url is "ftp://x"; it may hold an http: or https: URL'],
    [['\u001b[2Jserve'], 'there is no command "\\u001b[2Jserve"'],
  ])('refuses %j, says why, and ends with 64', async (args, message) => {
    expect(await runCommand(args)).toEqual({
      exitCode: 64,
      stdout: '',
      stderr: `magnapp: ${message}\nTry: magnapp --help\n`,
    })
  })

  test('does not fail when a reader has seen enough', async () => {
    const within = (command: string) => ['bash', '-c', `set -o pipefail; ${command} | true`] as const
    const { exitCode, stderr } = await runCommand(['--help'], { within })
    expect([exitCode, stderr]).toEqual([0, ''])
  })
})

describe('magnapp serve', () => {
  test.each([[[]], [['serve']]])('with %j starts the server and handles signals', async (args) => {
    const server = await startBuiltServer({}, args)
    const response = await fetch(`${server.url}/health`)
    expect(response.status).toBe(200)
    expect(await server.stop('SIGTERM')).toBe(0)
  })

  test('loads no module of client or demo; a health check and the help load none of the server', async () => {
    const ofServer = /node_modules\/express\/|src\/http\//
    const inHealth = await modulesRun((environment) => runCommand(['health'], { environment }))
    expect(inHealth).toContain('dist/src/cli/health.js')
    expect(inHealth.filter((module) => ofServer.test(module))).toEqual([])
    const inHelp = await modulesRun((environment) => runCommand(['--help'], { environment }))
    expect(inHelp).toContain('dist/src/cli/help.js')
    expect(inHelp.filter((module) => ofServer.test(module))).toEqual([])
    const inServer = await modulesRun(async (environment) => (await startBuiltServer(environment)).stop())
    expect(inServer.filter((module) => ofServer.test(module))).not.toEqual([])
    expect(inServer.filter((module) => /src\/(client|demo|dev)\//.test(module))).toEqual([])
  })
})
