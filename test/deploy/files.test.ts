import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { BlockList } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { readConfig } from '../../src/platform/config.js'
import { ERRORS } from '../../src/wire/errors.js'
import { problem } from '../../src/wire/problem.js'
import { testWith } from '../support/programs.js'

const ROOT = join(__dirname, '../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

const SHELL_SCRIPTS = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && /^#!.*\b(?:ba)?sh\n/.test(read(file)))

/** The highest exposure that `systemd-analyze security` may report, out of 10. */
const EXPOSURE_MAX = 1.5

describe('shell scripts', () => {
  testWith('shellcheck')('pass shellcheck', () => {
    expect(SHELL_SCRIPTS).toEqual(expect.arrayContaining(['.ci/run', '.ci/image', 'deploy/deploy.sh']))
    const { stdout, stderr } = spawnSync('shellcheck', SHELL_SCRIPTS, { cwd: ROOT, encoding: 'utf8' })
    expect(stdout + stderr).toBe('')
  })
})

describe('the systemd unit', () => {
  testWith('systemd-analyze')('is valid', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unit-'))
    try {
      const file = join(folder, 'magnapp.service')
      writeFileSync(file, read('deploy/magnapp.service').replace('/opt/magnapp', folder))
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' })
      expect(stdout + stderr).toBe('')
      expect(status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  testWith('systemd-analyze')('leaves the process little but its port', () => {
    const { stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', 'deploy/magnapp.service'],
      { cwd: ROOT, encoding: 'utf8' },
    )
    expect(Number(/exposure level for magnapp\.service: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(
      EXPOSURE_MAX,
    )
  })

  test('starts what is in the package', () => {
    const entry = JSON.parse(read('package.json')).bin.magnapp
    expect(read('deploy/magnapp.service')).toContain(`node node_modules/magnapp/${entry} serve\n`)
  })
})

describe.each([
  ['nginx.conf', ['NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE']],
  ['haproxy.cfg', ['NOT_FOUND', 'SERVICE_UNAVAILABLE', 'SERVICE_UNAVAILABLE']],
  ['Caddyfile', ['NOT_FOUND', 'SERVICE_UNAVAILABLE']],
])('%s', (file, codes) => {
  const answers = [...read(`deploy/${file}`).matchAll(/\{"type".*\}/g)].map(([body]) => JSON.parse(body))

  test.each(answers)('says $error_code as the server would', ({ error_code, context, ...answer }) => {
    const made = problem(error_code, { context, retryAfterSeconds: answer.retry_after ?? undefined }, ORIGIN)
    expect(made).toMatchObject({ ...answer, error_category: answer.error_category ?? 'none' })
  })

  test('has its own answers for what never reaches the server', () => {
    expect(answers.map(({ error_code }) => error_code)).toEqual(codes)
  })
})

const ORIGIN = {
  instance: '/',
  requestId: '',
  timestamp: '',
  sessionId: null,
  userId: null,
  isReconnect: false,
}

describe('the compose files', () => {
  const production = parse(read('deploy/compose.production.yml')).services
  const development = parse(read('deploy/compose.yml')).services

  test('the server has 512 MB and half a core, and can write only to a small /tmp', () => {
    const { magnapp } = production
    expect(magnapp.deploy.resources.limits).toMatchObject({ cpus: '0.5', memory: '512M' })
    expect(magnapp.deploy.resources.reservations).toEqual({ cpus: '0.25', memory: '256M' })
    expect(production.nginx.deploy.resources.limits).toMatchObject({ cpus: '0.2', memory: '128M' })
    expect(magnapp.read_only).toBe(true)
    expect(magnapp.tmpfs).toEqual([expect.stringMatching(/^\/tmp:size=/)])
  })

  test('nothing in production has a capability, or can gain one', () => {
    for (const service of Object.values(production)) {
      expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    }
  })

  test('only nginx is reachable from outside, since the server trusts what is in front of it', () => {
    expect(production.magnapp.environment.TRUST_PROXY).toBe('1')
    expect(production.magnapp.ports).toBeUndefined()
    expect(production.nginx.ports).toEqual(['80:80', '443:443'])
    expect(development.magnapp.ports).toEqual(['127.0.0.1:8000:8000'])
  })

  test('sessions are in a Valkey that only the server reaches, and that keeps them in a file', () => {
    const { magnapp, valkey, nginx } = production
    expect(() => readConfig(magnapp.environment)).not.toThrow()
    expect(readConfig(magnapp.environment).COMMAND_LOG).toBe('redis://valkey:6379')
    expect(magnapp.depends_on).toEqual({ valkey: { condition: 'service_healthy' } })
    expect(valkey.ports).toBeUndefined()
    expect(valkey.networks).toEqual(['log'])
    expect(nginx.networks).toEqual(['outside'])
    expect(parse(read('deploy/compose.production.yml')).networks.log).toEqual({ internal: true })
    expect(valkey.volumes).toEqual(['sessions:/data'])
    expect(valkey.read_only).toBe(true)
    expect(valkey.restart).toBe('unless-stopped')
  })

  test('both restart by themselves, and have health checks', () => {
    for (const { magnapp } of [production, development]) {
      expect(magnapp.restart).toBe('unless-stopped')
      expect(magnapp.healthcheck).toEqual({
        test: ['CMD', 'node', 'dist/magnapp.cjs', 'health'],
        interval: '30s',
        timeout: '10s',
        retries: 3,
        start_period: '40s',
      })
    }
    expect(development.magnapp.environment).toMatchObject({ DEBUG: 'true', LOG_LEVEL: 'DEBUG' })
    expect(() => readConfig(development.magnapp.environment)).not.toThrow()
  })

  test('the image is named after the script’s argument; Traefik’s labels are ready to use', () => {
    expect(production.magnapp.image).toMatch(/^magnapp\/backend:\$\{MAGNAPP_TAG:-latest\}$/)
    const text = read('deploy/compose.production.yml')
    const labels = text
      .split('\n')
      .filter((line) => /^ +#( +- | labels:)/.test(line))
      .map((line) => line.replace(/^ +# /, ''))
    expect(parse(labels.join('\n')).labels).toEqual([
      'traefik.enable=true',
      'traefik.http.routers.magnapp.rule=Host(`poker.example`)',
      'traefik.http.services.magnapp.loadbalancer.server.port=8000',
    ])
  })

  test('development runs on the same Node as the image', () => {
    expect(read('Dockerfile')).toContain(`ARG NODE_IMAGE=${development.magnapp.image}\n`)
    expect(development.magnapp.image).toMatch(/^node:24\.\d+\.\d+-\w+-slim$/)
  })

  test('development restarts when its sources change', () => {
    expect(development.magnapp.command).toContain('npm run dev')
    expect(JSON.parse(read('package.json')).scripts.dev).toContain('tsx src/dev/dev.ts')
    expect(development.magnapp.volumes).toContain('..:/app')
  })
})

describe('the compose file for several servers, on top of the one for production', () => {
  const production = parse(read('deploy/compose.production.yml'))
  const { services, networks } = parse(read('deploy/compose.cluster.yml'), { merge: true })
  const { 'magnapp-2': second, 'magnapp-3': third, magnapp: first, valkey, nginx } = services
  const servers = [first, second, third]

  test('each server is like the one in production', () => {
    const { networks: _, ...one } = production.services.magnapp
    for (const { networks: own, ...server } of [second, third]) {
      expect(server).toEqual(one)
      expect(Object.keys(own).sort()).toEqual([...production.services.magnapp.networks].sort())
    }
    expect(Object.keys(first)).toEqual(['networks'])
  })

  test('nginx finds all of them under the one name in its file, whichever runs', () => {
    const addresses = servers.map((server) => server.networks.outside.ipv4_address)
    expect(nginx.extra_hosts).toEqual(addresses.map((address) => `magnapp=${address}`))
    expect(new Set(addresses).size).toBe(3)
    const [{ subnet, ip_range }] = networks.outside.ipam.config
    const net = new BlockList()
    net.addSubnet(subnet.split('/')[0], Number(subnet.split('/')[1]))
    const others = new BlockList()
    others.addSubnet(ip_range.split('/')[0], Number(ip_range.split('/')[1]))
    expect(addresses.map((address) => [net.check(address), others.check(address)])).toEqual(
      addresses.map(() => [true, false]),
    )
    expect(read('deploy/nginx.conf')).toContain('server magnapp:8000 ')
  })

  test('Valkey is as in production, only larger', () => {
    const size = (command: readonly string[]) =>
      Number.parseInt(command[command.indexOf('--maxmemory') + 1] ?? '', 10)
    const others = (command: readonly string[]) => command.filter((word) => !word.endsWith('mb'))
    const { command } = production.services.valkey
    expect(others(valkey.command)).toEqual(others(command))
    expect(size(valkey.command)).toBeGreaterThan(size(command))
    expect(Number.parseInt(valkey.deploy.resources.limits.memory, 10)).toBeGreaterThan(size(valkey.command))
  })
})

describe('the image', () => {
  test('starts, and checks its health, with the entry in the package', () => {
    const entry = JSON.parse(read('package.json')).bin.magnapp
    const dockerfile = read('Dockerfile')
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "${entry}"]\n`)
    expect(dockerfile).toContain(`CMD ["node", "${entry}", "health"]\n`)
    expect(dockerfile).toContain('HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3')
  })
})

describe('the guides', () => {
  const troubleshooting = read('docs/troubleshooting.md')

  const guides = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((file) => `docs/${file}`)]

  test.each(guides.filter((file) => file.endsWith('.md')))('%s has no dead links', (guide) => {
    const links = read(guide).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)
    const broken = [...links].filter(([, file, heading]) => {
      const target = file === '' ? guide : join(dirname(guide), file ?? '')
      if (!existsSync(join(ROOT, target))) return true
      return heading !== undefined && !headings(read(target)).includes(heading)
    })
    expect(broken.map(([link]) => link)).toEqual([])
  })

  test.each(Object.entries(ERRORS))('explain %s', (code, { status }) => {
    const [row] = troubleshooting.split('\n').filter((line) => line.includes(`| \`${code}\``))
    expect(row?.split('|')[1]?.trim()).toBe(String(status))
    expect(
      row
        ?.split('|')
        .slice(3, 5)
        .every((cell) => cell.trim() !== ''),
    ).toBe(true)
  })
})

/** The anchors of a Markdown text's headings. */
function headings(text: string): string[] {
  const titles = [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase())
  return titles.map((title) => title.replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'))
}
