import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENTRY, startBuiltServer } from './support/built-server.js'

const README = readFileSync(join(__dirname, '../README.md'), 'utf8')

test("the README's walk-through plays a whole round, run as written", async () => {
  const script = /<!-- walkthrough:begin -->\s+```sh\n([\s\S]*?)```/.exec(README)?.[1] ?? ''
  const server = await startBuiltServer()
  const folder = mkdtempSync(join(tmpdir(), 'readme-'))
  const { stdout, status } = spawnSync('bash', ['-eu'], {
    input: `${script.replaceAll('localhost:8000', new URL(server.url).host)}\nwait\n`,
    cwd: folder,
    encoding: 'utf8',
    timeout: 15_000,
  })
  rmSync(folder, { recursive: true })
  expect(status).toBe(0)
  expect(stdout).toContain('"statistics":{"average":6.5,"distribution":{"5":1,"8":1}')
  for (const type of [
    'voting_started',
    'vote_submitted',
    'votes_revealed',
    'round_completed',
    'session_expired',
  ]) {
    expect(stdout).toContain(`"type":"${type}"`)
  }
  expect(await server.stop()).toBe(0)
})

test('the demo plays three rounds and ends on its own', () => {
  const demo = spawnSync(process.execPath, [ENTRY, 'demo'], {
    encoding: 'utf8',
    timeout: 18_000,
  })
  expect(demo.stderr).toBe('')
  expect(demo.status).toBe(0)
  expect(demo.stdout.match(/round \d of 3/g)).toEqual(['round 1 of 3', 'round 2 of 3', 'round 3 of 3'])
  expect(demo.stdout.match(/seen by 16 streams/g)).toHaveLength(3)
})
