import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig, SETTINGS } from '../../src/platform/config.js'
import { ConfigError } from '../../src/platform/config-error.js'
import type { Setting } from '../../src/platform/setting.js'
import { runCommand } from '../support/command.js'

const settings = Object.entries<Setting>(SETTINGS)
const COUNTS = ['many', '-1', '1.5', '1e3', '0x10', '1 000', '99999999999999999', 'NaN', '∞', '٣']
const DURATIONS = ['soon', '-1', '1,5', '1e3', '5m', '1.', '.5', '99999999', 'Infinity', '1 2']
const SWITCHES = ['y', 'n', '2', '-1', 'enabled', 'tru', 'true false', 'null', '"true"', 'wahr']

/** Bad values for variables with formats of their own. */
const BAD: Readonly<Record<string, readonly string[]>> = {
  HOST: [
    'my host',
    'http://localhost',
    '127.0.0.1:8000',
    '[::1]',
    '256.1.1.1',
    '-x',
    'a..b',
    'a/b',
    '::1::',
    '*',
  ],
  PUBLIC_URL: [
    'poker.example',
    'ftp://poker.example',
    'https://',
    'https://poker.example?x=1',
    'https://poker.example/#x',
    'https://poker.example/?',
    'https://po ker.example',
    'https://poker.example:99999',
    '//poker.example',
    'javascript:alert(1)',
  ],
  IDENTITY: ['none', 'Token', 'tokens', 'open token', '["open"]', '1', 'true', 'null', 'o p e n', 'OPEN'],
  CORS_ORIGINS: [
    'https://poker.example',
    '*',
    '["*.example"]',
    '[https://poker.example]',
    '["https://poker.example/"]',
    '["https://poker.example/path"]',
    '["poker.example"]',
    '{"origin": "https://poker.example"}',
    '[1]',
    '["https://poker.example", null]',
  ],
  CORS_METHODS: [
    'GET',
    'GET,POST',
    '[GET]',
    '["get"]',
    '["GET POST"]',
    '{"GET": true}',
    '[1]',
    '["GET", null]',
    '"*"',
    '["GET\\n"]',
  ],
  CORS_HEADERS: [
    'Authorization',
    '*',
    '[Authorization]',
    '["Content Type"]',
    '["Content-Type:"]',
    '{"X": 1}',
    '[1]',
    '["X", null]',
    '["X\\r\\nY"]',
    '["Ünder"]',
  ],
  LOG_LEVEL: ['loud', '30', 'warned', 'info,debug', 'verbose', 'none', '["info"]', 'true', 'in fo', 'off'],
}

/** Ten values that this variable may not hold. */
function badValuesOf(name: string, { allowed }: Setting): readonly string[] {
  if (/^a whole number/.test(allowed)) return COUNTS
  if (/^(minutes|seconds) from/.test(allowed)) return DURATIONS
  if (allowed.startsWith('true or false')) return SWITCHES
  return BAD[name] ?? []
}

describe('an invalid configuration', () => {
  test.each(Array.from({ length: 10 }, (_, index) => index))(
    'with every variable wrong, in way %#, makes a line for each, in order, and exit code 78',
    async (way) => {
      const wrong = settings.flatMap(([name, setting]) => {
        const value = badValuesOf(name, setting)[way]
        return value === undefined ? [] : [{ name, value, allowed: setting.allowed }]
      })
      const environment = Object.fromEntries(wrong.map(({ name, value }) => [name, value]))
      const { exitCode, stdout, stderr } = await runCommand([], { environment })
      expect(stderr.split('\n')).toEqual([
        ...wrong.map(
          ({ name, value, allowed }) => `${name} is ${JSON.stringify(value)}; it may hold ${allowed}`,
        ),
        '',
      ])
      expect([exitCode, stdout]).toEqual([78, ''])
    },
  )
})

describe('one variable', () => {
  const faultsOf = (environment: Record<string, string>): readonly string[] => {
    try {
      readConfig(environment)
      return []
    } catch (error) {
      return error instanceof ConfigError ? error.faults : [`threw ${error}`]
    }
  }
  const bounded = settings.flatMap(([name, { allowed }]) => {
    const [, least, most] = /from ([\d.]+) to (\d+)/.exec(allowed) ?? []
    return least === undefined || most === undefined ? [] : [{ name, least, most }]
  })

  test.each(bounded)('$name accepts $least and $most, and nothing beyond', ({ name, least, most }) => {
    expect(faultsOf({ [name]: least })).toEqual([])
    expect(faultsOf({ [name]: most })).toEqual([])
    const below = Number(least) === 0 ? '-1' : String(Number(least) / 2)
    for (const value of [below, String(Number(most) + 1)])
      expect(faultsOf({ [name]: value })).toEqual([
        expect.stringContaining(`${name} is "${value}"; it may hold`),
      ])
  })

  test.each(settings.map(([name]) => name))('%s counts as not set when blank', (name) => {
    for (const blank of ['', ' ', '\t \n']) expect(readConfig({ [name]: blank })).toEqual(readConfig({}))
  })

  test('may hold decimals if it is a duration, in either unit', () => {
    expect(readConfig({ SESSION_TIMEOUT_MINUTES: '0.5', HEARTBEAT_SECONDS: '2.25' })).toMatchObject({
      SESSION_TIMEOUT_MINUTES: 30_000,
      HEARTBEAT_SECONDS: 2_250,
    })
  })

  test.each(['warn', 'WARN', 'Warn', ' wARN '])('LOG_LEVEL accepts %j', (LOG_LEVEL) => {
    expect(readConfig({ LOG_LEVEL }).LOG_LEVEL).toBe('warn')
  })

  test.each([
    ['WARNING', 'warn'],
    ['warning', 'warn'],
    ['Critical', 'fatal'],
    ['ERROR', 'error'],
    ['DEBUG', 'debug'],
  ])('LOG_LEVEL takes %s, and means %s', (LOG_LEVEL, level) => {
    expect(readConfig({ LOG_LEVEL }).LOG_LEVEL).toBe(level)
  })

  test.each([
    [['true', 'TRUE', '1', 'yes', 'Yes', 'on', ' ON '], true],
    [['false', 'False', '0', 'no', 'NO', 'off'], false],
  ])('accepts %j if it is a switch', (texts, is) => {
    for (const DEBUG of texts) expect([DEBUG, readConfig({ DEBUG }).DEBUG]).toEqual([DEBUG, is])
  })

  test('skips empty texts if it is a list', () => {
    expect(readConfig({ CORS_ORIGINS: '[""]' }).CORS_ORIGINS).toEqual([])
    const CORS_METHODS = '["GET", "", " "]'
    expect(readConfig({ CORS_METHODS }).CORS_METHODS).toEqual(['GET'])
  })

  test('CORS_ORIGINS accepts "*" only without cookies', () => {
    expect(faultsOf({ CORS_ORIGINS: '["*"]' })).toEqual([
      'CORS_ORIGINS is "[\\"*\\"]"; with CORS_CREDENTIALS=true it may hold no "*"',
    ])
    expect(faultsOf({ CORS_ORIGINS: '["*"]', CORS_CREDENTIALS: 'false' })).toEqual([])
    expect(faultsOf({ CORS_METHODS: '["*"]', CORS_HEADERS: '["*"]' })).toEqual([])
  })

  test('PUBLIC_URL accepts no credentials, and the fault does not repeat them', () => {
    const [fault = ''] = faultsOf({ PUBLIC_URL: 'https://user:hunter2@poker.example' })
    expect(fault).toMatch(/^PUBLIC_URL is ".*@poker\.example"; it may hold an http: or https: URL/)
    expect(fault).not.toContain('hunter2')
  })

  test.each(['localhost', 'poker.example', 'a-b.c_1', '127.0.0.1', '::', '::1', 'fe80::1%eth0', '0.0.0.0'])(
    'HOST takes %s',
    (HOST) => expect(readConfig({ HOST }).HOST).toBe(HOST),
  )
})

describe('what a fault shows', () => {
  test('includes no credentials from a URL', async () => {
    const environment = { CORS_ORIGINS: '["https://ada:s3cret@poker.example"]' }
    const { exitCode, stderr } = await runCommand([], { environment })
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/^CORS_ORIGINS is "\[\\"https:\/\/\*\*\*@poker\.example\\"\]"; it may hold/)
  })

  test('includes no key that was given in place of something else', async () => {
    const environment = { HOST: 'x -----BEGIN PRIVATE KEY-----\nMIGHAgEAMBM\n-----END PRIVATE KEY-----' }
    const { exitCode, stderr } = await runCommand([], { environment })
    expect([exitCode, stderr]).toEqual([78, 'HOST is "x ***"; it may hold a host name or address\n'])
  })

  test('is one line, however long the value and whatever it contains', async () => {
    const environment = { PORT: `1\n\u001b[2J\u009b2J${'9'.repeat(5_000)}` }
    const { stderr } = await runCommand([], { environment })
    expect(stderr.split('\n')).toHaveLength(2)
    expect(stderr.length).toBeLessThan(250)
    expect(stderr).not.toMatch(/[^\n\x20-\x7e…]/)
  })

  test('is the same for a .env file as for the environment', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    writeFileSync(join(folder, '.env'), 'PORT=eighty\n')
    const { exitCode, stderr } = await runCommand(['serve'], { folder })
    rmSync(folder, { recursive: true })
    expect(exitCode).toBe(78)
    expect(stderr).toBe('PORT is "eighty"; it may hold a whole number from 0 to 65535\n')
  })
})
