import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Certificate } from './certificate.js'

/** The name in the shipped files and in the test's certificate. */
export const HOST = 'poker.example'

/** Gives this machine an outside: 127.0.0.x is inside, 127.0.1.x is not. */
const [INSIDE, INSIDE_HERE] = ['127.0.0.0/8', '127.0.0.0/24'] as const

/** A line that nginx's file has once, and with several servers once for each. */
const NGINX_SERVER = '    server magnapp:8000 max_fails=1 fail_timeout=2s;\n'

const SHIPPED = join(__dirname, '../../deploy')
const LISTENING_MS_MAX = 10_000

/** A proxy of the operating system that runs with the shipped file. */
export interface FrontProxy {
  /** Speaks TLS. */
  readonly port: number
  /** Speaks plain HTTP, to redirect browsers. */
  readonly plainPort: number
  /** What it has written to its log. */
  log(): string
  stop(): Promise<void>
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly plainPort: number
  /** Where the servers listen; only nginx's file supports more than one. */
  readonly upstreamPorts: readonly number[]
  readonly certificate: Certificate
}

/** How one kind of proxy is started: the shipped file, with only this machine's names and ports put in. */
interface Recipe {
  readonly file: string
  readonly replacements: (place: Place) => readonly (readonly [shipped: string, here: string])[]
  readonly prepare?: (place: Place) => void
  readonly args: (file: string) => readonly string[]
  readonly logFile?: string
}

const RECIPES = {
  nginx: {
    file: 'nginx.conf',
    replacements: ({ folder, port, plainPort, upstreamPorts, certificate }) => [
      [
        NGINX_SERVER,
        upstreamPorts.map((at) => NGINX_SERVER.replace('magnapp:8000', `127.0.0.1:${at}`)).join(''),
      ],
      ['/etc/ssl/certs/magnapp.crt', certificate.certFile],
      ['/etc/ssl/certs/magnapp.key', certificate.keyFile],
      ['listen 80', `listen 127.0.0.1:${plainPort}`],
      ['listen [::]:80', `listen [::1]:${plainPort}`],
      ['listen 443 ', `listen 127.0.0.1:${port} `],
      ['listen [::]:443 ', `listen [::1]:${port} `],
      ['pid /run/', `pid ${folder}/`],
      ['/var/log/nginx/', `${folder}/`],
      ['http {\n', `http {\n${temporaryPaths(folder)}`],
      [INSIDE, INSIDE_HERE],
    ],
    args: (file) => ['-c', file, '-g', 'daemon off;'],
    logFile: 'access.log',
  },
  haproxy: {
    file: 'haproxy.cfg',
    replacements: ({ folder, port, plainPort, upstreamPorts }) => [
      ['127.0.0.1:8000', `127.0.0.1:${upstreamPorts[0]}`],
      ['/etc/haproxy/', `${folder}/`],
      ['bind :80\n', `bind 127.0.0.1:${plainPort}\n`],
      ['bind :443 ', `bind 127.0.0.1:${port} `],
      [INSIDE, INSIDE_HERE],
    ],
    prepare: ({ folder, certificate }) => {
      copyFileSync(join(SHIPPED, 'stream-away.http'), join(folder, 'stream-away.http'))
      const pem = readFileSync(certificate.certFile, 'utf8') + readFileSync(certificate.keyFile, 'utf8')
      writeFileSync(join(folder, 'magnapp.pem'), pem)
    },
    args: (file) => ['-db', '-f', file],
  },
  caddy: {
    file: 'Caddyfile',
    replacements: ({ port, plainPort, upstreamPorts, certificate }) => [
      ['127.0.0.1:8000', `127.0.0.1:${upstreamPorts[0]}`],
      // Without its control port, which other tests may have taken.
      ['http_port 80\n', `http_port ${plainPort}\n  admin off\n`],
      ['https_port 443\n', `https_port ${port}\n`],
      [
        '# tls /etc/caddy/fullchain.pem /etc/caddy/privkey.pem',
        `tls ${certificate.certFile} ${certificate.keyFile}`,
      ],
      [':443 {', `:${port} {`],
      [':80 {', `:${plainPort} {`],
      [INSIDE, INSIDE_HERE],
    ],
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
} as const satisfies Record<string, Recipe>

export type ProxyName = keyof typeof RECIPES

/**
 * Starts a proxy in front of what listens on `upstreamPorts`.
 * @throws when the shipped file no longer has a text to be replaced, or the proxy does not listen
 */
export async function startFrontProxy(
  name: ProxyName,
  program: string,
  { upstreamPorts, certificate }: Pick<Place, 'upstreamPorts' | 'certificate'>,
): Promise<FrontProxy> {
  const recipe: Recipe = RECIPES[name]
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  chmodSync(folder, 0o755)
  const [port, plainPort] = [await freePort(), await freePort()]
  const place = { folder, port, plainPort, upstreamPorts, certificate }
  recipe.prepare?.(place)
  const file = join(folder, recipe.file)
  writeFileSync(file, replaced(readFileSync(join(SHIPPED, recipe.file), 'utf8'), recipe.replacements(place)))
  const child = spawn(program, recipe.args(file), {
    env: { PATH: process.env['PATH'], HOME: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk
    })
  }
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const killWithTests = () => child.kill('SIGKILL')
  process.once('exit', killWithTests)
  const stop = async () => {
    child.kill('SIGTERM')
    await exited
    process.off('exit', killWithTests)
    rmSync(folder, { recursive: true, force: true })
  }
  const isUp = await listens([port, plainPort], () => child.exitCode === null)
  if (!isUp) {
    await stop()
    throw new Error(`${name} does not listen: ${output}`)
  }
  const { logFile } = recipe
  const log = () => (logFile === undefined ? output : readFileSync(join(folder, logFile), 'utf8'))
  return { port, plainPort, log, stop }
}

function replaced(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((result, [shipped, here]) => {
    if (!result.includes(shipped)) throw new Error(`the shipped file has no ${JSON.stringify(shipped)}`)
    return result.replaceAll(shipped, here)
  }, text)
}

/** Where nginx's own defaults may not be writable. */
function temporaryPaths(folder: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};\n`).join('')
}

/** @returns a port on which nothing listened a moment ago */
export async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listens(ports: readonly number[], isRunning: () => boolean): Promise<boolean> {
  const limit = Date.now() + LISTENING_MS_MAX
  while (isRunning() && Date.now() < limit) {
    const answers = await Promise.all(ports.map(accepts))
    if (answers.every(Boolean)) return true
    await pause(20)
  }
  return false
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
