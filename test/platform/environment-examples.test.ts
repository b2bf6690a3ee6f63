import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { readConfig, SETTINGS } from '../../src/platform/config.js'

const NAMES = Object.keys(SETTINGS)
const textOf = (name: string) => readFileSync(join(__dirname, '../../deploy', name), 'utf8')
/** The file with every setting in it in force. */
const withoutComments = (text: string) => text.replaceAll(/^#(?=[A-Z_]+=)/gm, '')

describe('the example environments', () => {
  test('env.example: every variable, each with its default, nothing in force', () => {
    const text = textOf('env.example')
    expect(parseEnv(text)).toEqual({})
    const environment = parseEnv(withoutComments(text))
    expect(Object.keys(environment).sort()).toEqual([...NAMES].sort())
    expect(readConfig(environment)).toEqual(readConfig({}))
    for (const [name, { fallback }] of Object.entries(SETTINGS)) expect(environment[name]).toBe(fallback)
  })

  test('env.production.example: valid as it is and with all of it in force, no unknown variable', () => {
    const text = textOf('env.production.example')
    for (const environment of [parseEnv(text), parseEnv(withoutComments(text))]) {
      expect(() => readConfig(environment)).not.toThrow()
      expect(NAMES).toEqual(expect.arrayContaining(Object.keys(environment)))
    }
    expect(readConfig(parseEnv(text))).toMatchObject({
      IDENTITY: 'token',
      RATE_LIMITING: true,
      TRUST_PROXY: 1,
      DEBUG: false,
    })
  })
})
