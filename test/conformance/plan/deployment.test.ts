import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const read = (file: string) => readFileSync(join(__dirname, '../../..', file), 'utf8')
const dockerfile = read('Dockerfile')
const nginx = read('deploy/nginx.conf')
const script = read('deploy/deploy.sh')
const production = parse(read('deploy/compose.production.yml')).services
const development = parse(read('deploy/compose.yml')).services

const HEALTHCHECK = { interval: '30s', timeout: '10s', retries: 3, start_period: '40s' }

/** The lines of a server in nginx's file, or of a location in it. */
function block(heading: string): string {
  const from = nginx.indexOf(`${heading} {`)
  return from < 0 ? '' : nginx.slice(from, nginx.indexOf('\n    }', from))
}

/**
 * The plan's "Deployment Configuration", line by line, against the shipped files. That they do what they
 * say is shown where they run: test/deploy.
 */
const ROWS: readonly (readonly [line: string, says: string, holds: () => void])[] = [
  [
    'L1703, 1724-1727',
    'the image does not run as root',
    () => expect(dockerfile).toMatch(/^USER 1000:1000$/m),
  ],
  [
    'L1730-1732',
    'the image checks its own health every 30 seconds',
    () => {
      expect(dockerfile).toContain('HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3')
      expect(dockerfile).toMatch(/CMD \["node", "dist\/magnapp\.cjs", "health"\]/)
    },
  ],
  ['L1734-1736', 'signals reach the program', () => expect(dockerfile).toMatch(/^ENTRYPOINT \["node", /m)],
  [
    'L1748-1749',
    'development is at port 8000',
    () => expect(development.magnapp.ports).toEqual(['127.0.0.1:8000:8000']),
  ],
  [
    'L1750-1759',
    'development is verbose, and a developer’s page may call it',
    () =>
      expect(development.magnapp.environment).toMatchObject({
        DEBUG: 'true',
        HOST: '0.0.0.0',
        PORT: '8000',
        LOG_LEVEL: 'DEBUG',
        CORS_ORIGINS: '["http://localhost:5173"]',
      }),
  ],
  [
    'L1760-1761',
    'development runs from the sources',
    () => expect(development.magnapp.volumes).toContain('..:/app'),
  ],
  [
    'L1762',
    'development restarts by itself',
    () => expect(development.magnapp.restart).toBe('unless-stopped'),
  ],
  [
    'L1763-1768',
    'development has a health check',
    () => expect(development.magnapp.healthcheck).toMatchObject(HEALTHCHECK),
  ],
  [
    'L1792-1794',
    'production listens everywhere in its own network, at port 8000',
    () => expect(production.magnapp.environment).toMatchObject({ HOST: '0.0.0.0', PORT: '8000' }),
  ],
  ['L1804', 'production restarts by itself', () => expect(production.magnapp.restart).toBe('unless-stopped')],
  [
    'L1805-1812',
    'the server has 512 MB and half a core, half of that reserved',
    () =>
      expect(production.magnapp.deploy.resources).toMatchObject({
        limits: { memory: '512M', cpus: '0.5' },
        reservations: { memory: '256M', cpus: '0.25' },
      }),
  ],
  [
    'L1813-1818',
    'production has a health check',
    () => expect(production.magnapp.healthcheck).toMatchObject(HEALTHCHECK),
  ],
  [
    'L1819-1822',
    "Traefik's labels are there to be taken",
    () =>
      expect(read('deploy/compose.production.yml')).toContain(
        '"traefik.http.services.magnapp.loadbalancer.server.port=8000"',
      ),
  ],
  [
    'L1826-1828',
    'nginx has ports 80 and 443',
    () => expect(production.nginx.ports).toEqual(['80:80', '443:443']),
  ],
  [
    'L1829-1832',
    'nginx reads its file and its certificate from beside the compose file',
    () =>
      expect(production.nginx.volumes).toEqual([
        './nginx.conf:/etc/nginx/nginx.conf:ro',
        './ssl:/etc/ssl/certs:ro',
      ]),
  ],
  [
    'L1833-1834',
    'nginx waits for the server',
    () => expect(production.nginx.depends_on).toHaveProperty('magnapp'),
  ],
  ['L1835', 'nginx restarts by itself', () => expect(production.nginx.restart).toBe('unless-stopped')],
  [
    'L1836-1840',
    'nginx has 128 MB and a fifth of a core',
    () => expect(production.nginx.deploy.resources.limits).toMatchObject({ memory: '128M', cpus: '0.2' }),
  ],
  [
    'L1861',
    "nginx's errors are logged from warnings up",
    () => expect(nginx).toContain('error_log /var/log/nginx/error.log warn;'),
  ],
  ['L1867', 'a connection is kept for 65 seconds', () => expect(nginx).toContain('keepalive_timeout 65s;')],
  [
    'L1869-1881',
    'text is compressed',
    () => expect(nginx).toMatch(/gzip on;\s+gzip_types text\/css text\/javascript/),
  ],
  [
    'L1884-1885',
    'requests from one address are rate-limited',
    () => expect(nginx).toContain('limit_req_zone $binary_remote_addr zone=requests'),
  ],
  [
    'L1887-1890',
    'connections to the server are kept alive',
    () => expect(nginx).toMatch(/upstream \w+ \{[^}]*keepalive \d+;/),
  ],
  [
    'L1892-1903',
    'http is redirected to https',
    () => expect(nginx).toMatch(/return 30[18] https:.*\$request_uri;/),
  ],
  ['L1917', 'TLS is 1.2 or 1.3', () => expect(nginx).toContain('ssl_protocols TLSv1.2 TLSv1.3;')],
  [
    'L1944-1960',
    'a stream is neither buffered nor cut after a minute',
    () => {
      const streams = block('location ~* ^/api/sse/')
      expect(streams).toContain('proxy_buffering off;')
      expect(streams).toContain('proxy_read_timeout 10m;')
    },
  ],
  ['L1963-1967', 'health checks are in no log', () => expect(nginx).toMatch(/"~\*\^\/health\/\?\$" 0;/)],
  [
    'L2162',
    'the image is magnapp/backend',
    () => expect(production.magnapp.image).toMatch(/^magnapp\/backend:/),
  ],
  [
    'L2163-2164',
    'the script takes a tag and an environment, latest and production by default',
    () => {
      expect(script).toMatch(/\$\{1:-latest\}/)
      expect(script).toMatch(/\$\{2:-production\}/)
    },
  ],
  ['L2173', 'the script checks that Docker is running', () => expect(script).toContain('docker info')],
  ['L2240', 'the script sums up what it has done', () => expect(script).toContain('Deployment Summary')],
]

describe('the plan, Deployment Configuration', () => {
  test.each(ROWS)('%s: %s', (_line, _says, holds) => holds())
})
