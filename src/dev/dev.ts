import { type ChildProcess, spawn } from 'node:child_process'

/*
 * tsx src/dev/dev.ts: the server, restarted on every change, with the inspector; and the page, which
 * the browser reloads by itself, at http://localhost:5173. Both end together.
 */

const bin = (name: string) => `node_modules/.bin/${name}`

const server = spawn(bin('tsx'), ['watch', 'src/cli/main.ts'], {
  env: { ...process.env, INSPECT: 'true' },
  stdio: ['inherit', 'pipe', 'inherit'],
})
const log = spawn(bin('pino-pretty'), [], { stdio: ['pipe', 'inherit', 'inherit'] })
server.stdout.pipe(log.stdin)
const page = spawn(bin('vite'), ['src/web', '--clearScreen', 'false'], { stdio: 'inherit' })

const all: readonly ChildProcess[] = [server, page]
for (const one of all) {
  one.once('exit', () => {
    for (const other of all) other.kill()
  })
}
// The terminal signals all of them; this process waits until they have ended.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
