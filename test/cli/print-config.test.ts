import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SETTINGS } from '../../src/platform/config.js'
import { runCommand } from '../support/command.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const printed = (environment: Record<string, string> = {}) =>
  runCommand(['--print-config'], { environment, folder })

describe('magnapp --print-config', () => {
  test('without settings prints every variable in order, marked as default', async () => {
    const { exitCode, stdout, stderr } = await printed()
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      Object.entries(SETTINGS)
        .map(([name, { fallback }]) => `${name}=${fallback} # default\n`)
        .join(''),
    )
  })

  test('prints what is set in the unit of its variable, as the server reads it', async () => {
    const { stdout } = await printed({
      PORT: ' 0080 ',
      SESSION_TIMEOUT_MINUTES: '0.50',
      HEARTBEAT_SECONDS: '20',
      LOG_LEVEL: 'WARN',
      DEBUG: 'True',
      CORS_ORIGINS: '[ "https://a.example", "https://b.example" ]',
      MAX_SESSIONS: '  ',
    })
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining([
        'PORT=80',
        'SESSION_TIMEOUT_MINUTES=0.5',
        'HEARTBEAT_SECONDS=20',
        'LOG_LEVEL=warn',
        'DEBUG=true',
        'CORS_ORIGINS=["https://a.example","https://b.example"]',
        'MAX_SESSIONS=3 # default',
      ]),
    )
  })

  test('respects the folder’s .env file, and the environment before it', async () => {
    writeFileSync(join(folder, '.env'), 'PORT=7000\nMAX_SESSIONS=9 # of a small machine\n')
    const { stdout } = await printed({ PORT: '7001' })
    expect(stdout).toContain('PORT=7001\n')
    expect(stdout).toContain('MAX_SESSIONS=9\n')
  })

  test('prints what can serve as the .env file', async () => {
    const first = await printed({ SESSION_TIMEOUT_MINUTES: '0.33', CORS_ORIGINS: '["https://a.example"]' })
    writeFileSync(join(folder, '.env'), first.stdout)
    const second = await printed()
    expect(second.exitCode).toBe(0)
    expect(second.stdout).toBe(first.stdout.replace(/^(\w+=.+?) # default$/gm, '$1'))
  })

  test('prints a line for each fault of an invalid configuration, and ends with 78', async () => {
    const { exitCode, stdout, stderr } = await printed({ PORT: 'eighty', DEBUG: 'maybe' })
    expect([exitCode, stdout]).toEqual([78, ''])
    expect(stderr).toBe(
      'PORT is "eighty"; it may hold a whole number from 0 to 65535\nDEBUG is "maybe"; it may hold true or false, 1 or 0, yes or no, on or off\n',
    )
  })

  test('counts an unreadable .env as a fault of the configuration', async () => {
    mkdirSync(join(folder, '.env'))
    const { exitCode, stderr } = await printed()
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/^\.env cannot be read: .+\n$/)
  })
})
