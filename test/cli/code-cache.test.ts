import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ENTRY, startBuiltServer } from '../support/built-server.js'

const ROOT = join(__dirname, '../..')
/** Prints whether V8 rejects the code cache for the bundle in a folder. */
const ASK = `
  const { compiledProgram } = await import(process.argv[1])
  const { cachedDataRejected } = compiledProgram(process.argv[2])
  process.stdout.write(String(cachedDataRejected))`

/** On a copy of the build with a code cache made by this Node.js, whatever built the original. */
describe('the code cache', () => {
  let package_: string
  let build: string

  beforeAll(() => {
    package_ = mkdtempSync(join(tmpdir(), 'code-cache-'))
    build = join(package_, 'dist')
    mkdirSync(build)
    for (const name of ['magnapp.cjs', 'program.cjs'])
      copyFileSync(join(dirname(ENTRY), name), join(build, name))
    copyFileSync(join(ROOT, 'package.json'), join(package_, 'package.json'))
    symlinkSync(join(ROOT, 'node_modules'), join(package_, 'node_modules'))
    // This must not reach the server that is started to make it.
    writeFileSync(join(package_, '.env'), 'MAX_SESSIONS=0\n')
    node(package_, ['--import', 'tsx', join(ROOT, 'src/dev/code-cache.ts'), build], { MAX_SESSIONS: '0' })
  })
  afterAll(() => rmSync(package_, { recursive: true }))

  const cache = () => join(build, 'program.cache')
  const isRejected = (...flags: string[]) =>
    node(ROOT, [
      ...flags,
      '--input-type=module',
      '-e',
      ASK,
      join(dirname(ENTRY), 'src/platform/compiled-program.js'),
      build,
    ])
  const magnapp = (...args: string[]) => node(package_, [join(build, 'magnapp.cjs'), ...args])

  test('belongs to a bundle in ASCII, since it is read as that', () => {
    expect(readFileSync(join(build, 'program.cjs')).every((byte) => byte < 0x80)).toBe(true)
  })

  test('is accepted by the Node.js that made it', () => {
    expect(isRejected()).toBe('false')
  })

  test('is rejected, harmlessly, by a V8 that works differently', async () => {
    expect(isRejected('--no-opt')).toBe('true')
    const server = await startBuiltServer(
      { NODE_OPTIONS: '--stack-trace-limit=20' },
      [],
      join(build, 'magnapp.cjs'),
    )
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })

  test.each([
    ['cut off', () => writeFileSync(cache(), readFileSync(cache()).subarray(0, 10_000))],
    ['something else', () => writeFileSync(cache(), 'nothing of V8')],
    ['not there', () => rmSync(cache())],
  ])('may be %s: the program is then compiled again', (_name, spoil) => {
    const whole = readFileSync(cache())
    try {
      spoil()
      expect(magnapp('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
    } finally {
      writeFileSync(cache(), whole)
    }
  })
})

function node(cwd: string, args: readonly string[], environment: Record<string, string> = {}): string {
  return execFileSync(process.execPath, [...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...environment },
  })
}
