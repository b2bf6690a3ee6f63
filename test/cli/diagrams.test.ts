import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../support/command.js'

const SHIPPED = join(__dirname, '../../docs/statecharts')
const NAMES = readdirSync(SHIPPED).sort()

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'diagrams-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('magnapp diagrams', () => {
  test.each([
    [[], 'statecharts'],
    [['a/b'], 'a/b'],
  ])('with %j writes the statecharts and says which', async (args, target) => {
    const { exitCode, stdout, stderr } = await runCommand(['diagrams', ...args], { folder })
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout).toBe(NAMES.map((name) => `${join(target, name)}\n`).join(''))
    expect(NAMES).toEqual(expect.arrayContaining(['session.mmd', 'session.svg', 'session.json']))
    for (const name of NAMES)
      expect(readFileSync(join(folder, target, name))).toEqual(readFileSync(join(SHIPPED, name)))
  })

  test('says that a folder cannot be made, and ends with 1', async () => {
    writeFileSync(join(folder, 'taken'), '')
    const { exitCode, stderr } = await runCommand(['diagrams', 'taken'], { folder })
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(/^magnapp: no statecharts in taken: EEXIST.*\n$/)
  })
})
