import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Api } from '../support/api.js'
import { startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const ROOT = join(__dirname, '../..')
const DESCRIPTION = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

describe('the package', () => {
  let folder: string
  let files: string[]

  /** Installed elsewhere, with the dependencies it names and nothing else of this checkout. */
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'package-')))
    const run = (command: string, args: string[], cwd: string) =>
      execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const removeSecret = placeSecret()
    const packed = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT)
    removeSecret()
    const [{ filename, files: listed }] = JSON.parse(packed)
    files = listed.map(({ path }: { path: string }) => path)
    run('tar', ['-xzf', filename], folder)
    for (const name of ['magnapp', ...Object.keys(DESCRIPTION.dependencies)]) {
      const place = join(folder, 'node_modules', name)
      mkdirSync(dirname(place), { recursive: true })
      if (name === 'magnapp') renameSync(join(folder, 'package'), place)
      else symlinkSync(join(ROOT, 'node_modules', name), place)
    }
  })

  afterAll(() => rmSync(folder, { recursive: true }))

  const installed = (file: string) => join(folder, 'node_modules/magnapp', file)
  const magnapp = (...args: string[]) =>
    execFileSync(process.execPath, [installed(DESCRIPTION.bin.magnapp), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })

  test('has what it needs to run, its guides and the files to deploy it, and no sources or tests', () => {
    const entry = DESCRIPTION.bin.magnapp
    for (const file of [entry, 'LICENSE', 'README.md', 'docs/deploy.md', 'deploy/magnapp.service'])
      expect(files).toContain(file)
    for (const chart of ['session', 'supervisor']) expect(files).toContain(`docs/statecharts/${chart}.svg`)
    const other = files.filter((file) => !/^(dist|docs|deploy)\//.test(file))
    expect(other.sort()).toEqual(['LICENSE', 'README.md', 'package.json'])
    expect(files.filter((file) => file.includes('pino-pretty'))).toEqual([])
    expect(files.filter((file) => /(?<!\.d)\.ts$|\.env$|\.pem$|env\.production$/.test(file))).toEqual([])
  })

  test('has a command: executable once npm has linked it', () => {
    expect(readFileSync(installed(DESCRIPTION.bin.magnapp), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(magnapp('--version').trim()).toBe(DESCRIPTION.version)
    expect(magnapp('diagrams', 'charts')).toContain('charts/session.svg')
  })

  test('serves from where it is installed', async () => {
    const server = await startBuiltServer({}, ['serve'], installed(DESCRIPTION.bin.magnapp))
    const api = new Api(server.url)
    const ada = await api.create()
    await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType('session_updated')
    for (const path of ['/docs', '/openapi.json']) expect((await api.request(path)).status).toBe(200)
    expect(magnapp('health', '--url', server.url)).toContain('Overall Status: ✓ HEALTHY')
    expect(await server.stop()).toBe(0)
  })

  test('includes the client library, with its types', () => {
    const { types, default: code } = DESCRIPTION.exports['./client']
    expect(files).toEqual(expect.arrayContaining([types.slice(2), code.slice(2)]))
    const script = "import('magnapp/client').then((client) => console.log(Object.keys(client).join()))"
    const exported = execFileSync(process.execPath, ['-e', script], { cwd: folder, encoding: 'utf8' })
    expect(exported).toContain('SessionClient')
  })
})

/**
 * Puts a key where deploy.md wants it, under a name that nobody else has.
 * @returns a function that removes it
 */
function placeSecret(): () => void {
  const tls = join(ROOT, 'deploy/ssl')
  const key = join(tls, `test-${process.pid}.pem`)
  const made = mkdirSync(tls, { recursive: true })
  writeFileSync(key, 'secret', { flag: 'wx' })
  return () => rmSync(made ?? key, { recursive: true })
}
