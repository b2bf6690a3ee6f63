import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './front-proxy.js'
import { program } from './programs.js'
import { describeWithRedis } from './redis-server.js'

const LISTENING_MS_MAX = 10_000

/** `describe` if both programs it needs are there; `describe.skip` otherwise. */
export function describeBehindNginx(): jest.Describe {
  return program('nginx') === null ? describe.skip : describeWithRedis
}

export interface PlainNginx {
  readonly url: string
  close(): Promise<void>
}

/**
 * nginx in front of several servers, in plain HTTP, with no rules of its own: a client sees what they answer.
 * @param isHashing - whatever names a session always goes to the same server; otherwise requests take turns
 */
export async function startPlainNginx(urls: readonly string[], isHashing: boolean): Promise<PlainNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'nginx-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration({ folder, port, urls, isHashing }))
  const child = spawn('nginx', ['-c', file, '-g', 'daemon off;'], { stdio: 'ignore' })
  const killWithTests = () => child.kill('SIGKILL')
  process.once('exit', killWithTests)
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const close = async () => {
    process.off('exit', killWithTests)
    child.kill('SIGTERM')
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
  for (const until = performance.now() + LISTENING_MS_MAX; !(await isListening(port)); ) {
    if (child.exitCode !== null || performance.now() > until) {
      const said = readFileSync(join(folder, 'error.log'), 'utf8')
      await close()
      throw new Error(`nginx does not listen: ${said}`)
    }
    await pause(10)
  }
  return { url: `http://127.0.0.1:${port}`, close }
}

interface Place {
  readonly folder: string
  readonly port: number
  readonly urls: readonly string[]
  readonly isHashing: boolean
}

function configuration({ folder, port, urls, isHashing }: Place): string {
  const servers = urls.map((url) => `server ${new URL(url).host} max_fails=1 fail_timeout=2s;`)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  return `
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log warn;
events { worker_connections 4096; }
http {
  ${temporary.join('\n  ')}
  access_log off;
  large_client_header_buffers 8 64k;
  client_max_body_size 0;
  keepalive_requests 1000000;
  ignore_invalid_headers off;
  underscores_in_headers on;
  merge_slashes off;
  map $request_uri $session {
    default $connection$connection_requests;
    "~*([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})" $1;
  }
  upstream magnapp {
    zone magnapp 128k;
    ${isHashing ? 'hash $session;' : ''}
    ${servers.join('\n    ')}
    keepalive 16;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://magnapp;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_request_buffering off;
      proxy_read_timeout 120s;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_pass_header Server;
      proxy_pass_header Date;
    }
  }
}
`
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}
