import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(__dirname, '../..')
/** Three looks at the server, five seconds apart. */
const SECONDS_MAX = 15

/** What the container of a service is like at each look; the last one persists. */
type States = readonly string[]
const HEALTHY: States = ['running starting', 'running healthy']
const UNHEALTHY: States = ['running unhealthy']
const EXITED: States = ['exited unhealthy']

interface Host {
  /** Whether a server is already running. */
  readonly isRunning: boolean
  /** The server's states after each start. */
  readonly starts: readonly States[]
  readonly nginx?: States
  /** Whether what is built is what runs. */
  readonly isSame?: boolean
  /** Whether nginx.conf was rewritten since nginx started. */
  readonly isEdited?: boolean
  readonly failing?: RegExp
  readonly missing?: string
  readonly isDown?: boolean
  readonly args?: readonly string[]
  /** Whether the settings are where the owner's plan has them. */
  readonly isPlanned?: boolean
}

describe('deploy.sh', () => {
  test('builds, starts, waits for health, and has nginx look the server up again', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY] })
    expect(output).toContain('Health check attempt 2/3...')
    expect(output).toContain(SUMMARY)
    expect(status).toBe(0)
    expect(did).toEqual([
      'build',
      'try settings',
      'tag sha256:before magnapp/backend:previous',
      'up valkey',
      'up magnapp',
      'check magnapp',
      'sleep',
      'check magnapp',
      'try nginx',
      'up nginx',
      'reload nginx',
      'sleep',
    ])
  })

  test('the first time there is nothing to keep', () => {
    const { status, did } = deploy({ isRunning: false, starts: [HEALTHY] })
    expect(status).toBe(0)
    expect(did).not.toContain('tag sha256:before magnapp/backend:previous')
  })

  test.each([
    ['never healthy', UNHEALTHY, `magnapp is not healthy after ${SECONDS_MAX} seconds`],
    ['gone', EXITED, 'magnapp is exited'],
  ])('a server that is %s: what ran before runs again', (_what, states, said) => {
    const { status, did, output } = deploy({ isRunning: true, starts: [states, HEALTHY] })
    expect(status).toBe(1)
    expect(output).toContain(said)
    expect(output).toContain('failed; what ran before runs again')
    expect(did.filter((step) => step !== 'sleep' && step !== 'check magnapp')).toEqual([
      'build',
      'try settings',
      'tag sha256:before magnapp/backend:previous',
      'up valkey',
      'up magnapp',
      'logs magnapp',
      'tag sha256:before magnapp/backend:latest',
      'up magnapp',
      'try nginx',
      'up nginx',
      'reload nginx',
    ])
  })

  test('a container that cannot be started is rolled back too', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^up magnapp$/ })
    expect(did).toContain('tag sha256:before magnapp/backend:latest')
    expect(status).not.toBe(0)
  })

  test('nothing ran before: the server is stopped, nginx is not started', () => {
    const { status, did } = deploy({ isRunning: false, starts: [UNHEALTHY] })
    expect(status).toBe(1)
    expect(did.filter((step) => step !== 'sleep' && step !== 'check magnapp')).toEqual([
      'build',
      'try settings',
      'up valkey',
      'up magnapp',
      'logs magnapp',
      'stop magnapp',
    ])
  })

  test('what ran before is no longer healthy: 2, somebody has to look', () => {
    const { status, output } = deploy({ isRunning: true, starts: [UNHEALTHY, UNHEALTHY] })
    expect(status).toBe(2)
    expect(output).toContain('what ran before does not get healthy either')
  })

  test('nginx does not become healthy: 2, and its log', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], nginx: EXITED })
    expect(status).toBe(2)
    expect(did.at(-1)).toBe('logs nginx')
  })

  test('an nginx.conf that was rewritten takes effect by a restart', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], isEdited: true })
    expect(status).toBe(0)
    expect(did).toContain('restart nginx')
    expect(did).not.toContain('reload nginx')
  })

  test('an nginx that cannot be reloaded is restarted', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^reload/ })
    expect(status).toBe(0)
    expect(did).toContain('restart nginx')
  })

  test('a build that fails touches nothing that runs', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^build/ })
    expect(status).not.toBe(0)
    expect(did).toEqual(['build'])
  })

  test('settings that the new version rejects touch nothing that runs', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^try settings/ })
    expect(status).toBe(1)
    expect(output).toContain('does not take env.production')
    expect(did).toEqual(['build', 'try settings'])
  })

  test('a Valkey that does not start leaves the running server alone', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^up valkey/ })
    expect(status).toBe(1)
    expect(output).toContain('Valkey does not start')
    expect(did.at(-1)).toBe('up valkey')
  })

  test('an nginx.conf that nginx rejects leaves the running one alone: 2', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], failing: /^try nginx/ })
    expect(status).toBe(2)
    expect(output).toContain('nginx does not take nginx.conf')
    expect(did.at(-1)).toBe('try nginx')
  })

  test('deploying the same version again does not replace the one kept before it', () => {
    const { status, did } = deploy({ isRunning: true, starts: [HEALTHY], isSame: true })
    expect(status).toBe(0)
    expect(did).not.toContain('tag sha256:before magnapp/backend:previous')
  })

  test('a tag of its own: what runs is also tagged latest', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], args: ['1.4.2'] })
    expect(status).toBe(0)
    expect(output).toContain('Image: magnapp/backend:1.4.2\nEnvironment: production\nStatus: RUNNING')
    expect(did).toContain('tag magnapp/backend:1.4.2 magnapp/backend:latest')
    const failed = deploy({ isRunning: true, starts: [UNHEALTHY, HEALTHY], args: ['1.4.2'] })
    expect(failed.did).toEqual(
      expect.arrayContaining([
        'tag sha256:before magnapp/backend:1.4.2',
        'tag sha256:before magnapp/backend:latest',
      ]),
    )
  })

  test('settings in .env.prod, where the owner’s plan has them', () => {
    const { status, output } = deploy({ isRunning: false, starts: [HEALTHY], isPlanned: true })
    expect(status).toBe(0)
    expect(output).toContain('URL: https://poker.test\nHealth: https://poker.test/health')
  })

  test('development: the sources in a container, and where they serve', () => {
    const { status, did, output } = deploy({
      isRunning: false,
      starts: [HEALTHY],
      args: ['latest', 'development'],
      missing: 'env.production',
    })
    expect(status).toBe(0)
    expect(did).toEqual(['down', 'up', 'check magnapp', 'sleep', 'check magnapp'])
    expect(output).toContain('Environment: development\nStatus: RUNNING\nURL: http://localhost:8000')
    const failed = deploy({ isRunning: false, starts: [UNHEALTHY], args: ['latest', 'development'] })
    expect([failed.status, failed.did.at(-1)]).toEqual([1, 'logs magnapp'])
  })

  test('Docker is not running: 1, and nothing is done', () => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], isDown: true })
    expect([status, did]).toEqual([1, []])
    expect(output).toContain('Docker is not running')
  })

  test.each([
    [['latest', 'staging'], 'staging is neither production nor development'],
    [['a/b'], 'a/b is no tag of an image'],
    [['latest', 'production', 'now'], 'usage: '],
  ])('the arguments %j: 64', (args, said) => {
    const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], args })
    expect([status, did]).toEqual([64, []])
    expect(output).toContain(said)
  })

  test.each(['env.production', 'nginx.conf', 'ssl/magnapp.crt', 'ssl/magnapp.key'])(
    'without %s nothing is done, and the message names it',
    (missing) => {
      const { status, did, output } = deploy({ isRunning: true, starts: [HEALTHY], missing })
      expect(status).toBe(64)
      expect(output).toContain(`deploy/${missing} is missing`)
      expect(did).toEqual([])
    },
  )
})

const SUMMARY = `
Deployment Summary
==================
Image: magnapp/backend:latest
Environment: production
Status: RUNNING
URL: https://poker.test
Health: https://poker.test/health
Docs: https://poker.test/docs
`

/** Runs the shipped script with a `docker` that only records what it is asked for. */
function deploy(host: Host) {
  const { isRunning, starts, nginx = HEALTHY, isSame = false, isEdited = false, failing, missing } = host
  const { args = [], isDown = false, isPlanned = false } = host
  const folder = mkdtempSync(join(tmpdir(), 'deploy-'))
  try {
    const file = (name: string) => join(folder, name)
    for (const name of ['deploy/ssl', 'bin']) mkdirSync(file(name), { recursive: true })
    cpSync(join(ROOT, 'package.json'), file('package.json'))
    for (const name of ['deploy.sh', 'compose.yml', 'compose.production.yml', 'nginx.conf'])
      cpSync(join(ROOT, 'deploy', name), file(`deploy/${name}`))
    for (const name of ['ssl/magnapp.crt', 'ssl/magnapp.key']) writeFileSync(file(`deploy/${name}`), '')
    writeFileSync(file(isPlanned ? '.env.prod' : 'deploy/env.production'), 'PUBLIC_URL=https://poker.test\n')
    if (missing !== undefined) rmSync(file(`deploy/${missing}`))
    for (const name of ['docker', 'sleep']) {
      writeFileSync(file(`bin/${name}`), `#!${process.execPath}\n${FAKE}`)
      chmodSync(file(`bin/${name}`), 0o755)
    }
    writeFileSync(
      file('host.json'),
      JSON.stringify({
        isRunning,
        starts,
        nginx,
        isSame,
        isEdited,
        isDown,
        failing: failing?.source ?? '$^',
        did: [],
        looks: 0,
      }),
    )
    const { status, stdout, stderr } = spawnSync('bash', [file('deploy/deploy.sh'), ...args], {
      encoding: 'utf8',
      env: {
        PATH: `${file('bin')}:${process.env['PATH']}`,
        HOST_FILE: file('host.json'),
        HEALTHY_SECONDS_MAX: String(SECONDS_MAX),
      },
    })
    const did: string[] = JSON.parse(readFileSync(file('host.json'), 'utf8')).did
    return { status, did, output: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** As `docker` it plays the host that HOST_FILE describes; as `sleep` it takes no time. */
const FAKE = `
const { readFileSync, writeFileSync } = process.getBuiltinModule('node:fs')
const host = JSON.parse(readFileSync(process.env.HOST_FILE, 'utf8'))
const words = process.argv.slice(2)
const service = words.at(-1)
const say = (text) => process.stdout.write(text + '\\n')
let code = 0
const note = (step) => {
  host.did.push(step)
  if (new RegExp(host.failing).test(step)) code = 1
}
const look = (states) => say(states[Math.min(host.looks++, states.length - 1)])
if (process.argv[1].endsWith('sleep')) note('sleep')
else if (words[0] === 'info') code = host.isDown ? 1 : 0
else if (words[0] === 'tag') note(words.join(' '))
else if (words[0] === 'inspect' && words.includes('{{.Image}}')) say('sha256:before')
else if (words[0] === 'inspect' && words.includes('{{.Id}}')) say(host.isSame ? 'sha256:before' : 'sha256:built')
else if (words[0] === 'inspect' && service === 'nginx') look(host.nginx)
else if (words[0] === 'inspect') say(host.starts[0][Math.min(host.looks, host.starts[0].length - 1)].split(' ')[0])
else {
  const [command] = words.slice(3)
  if (command === 'ps') {
    if (host.isRunning || words.includes('--all')) say(service)
  } else if (command === 'exec' && words.includes('cat'))
    say(readFileSync('nginx.conf', 'utf8').trimEnd() + (host.isEdited ? ' ' : ''))
  else if (command === 'exec' && service === 'health') {
    note('check magnapp')
    const states = host.starts[0]
    code = states[Math.min(host.looks++, states.length - 1)].endsWith(' healthy') ? 0 : 1
  } else if (command === 'exec') note('reload nginx')
  else if (command === 'build') note('build')
  else if (command === 'run') note(words.includes('nginx') ? 'try nginx' : 'try settings')
  else {
    if (command === 'up') {
      host.looks = 0
      if (service === 'magnapp' && host.did.includes('up magnapp')) host.starts.shift()
    }
    note(words.length > 4 && !service.startsWith('--') ? command + ' ' + service : command)
  }
}
writeFileSync(process.env.HOST_FILE, JSON.stringify(host))
process.exit(code)
`
