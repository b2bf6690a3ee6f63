import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CODE_CACHE, compiledProgram, run } from '../platform/compiled-program.js'

/*
 * tsx src/dev/code-cache.ts [FOLDER]: starts the built program in this process, plays a round, and saves what
 * V8 compiled next to the bundle, so that the next start need not compile it.
 */

const LOOK_MS = 10
const LOOKS_MAX = 1_000
const CREATOR = { name: 'Rehearsal', creator_name: 'Ada', creator_avatar: 'owl' }

const folder = resolve(process.argv[2] ?? 'dist')
const port = await freePort()
const url = `http://127.0.0.1:${port}`
// The builder's settings and .env file must have no effect.
process.chdir(folder)
process.argv = [process.execPath, folder, 'serve']
process.env = { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'silent' }

const program = compiledProgram(folder)
run(program, folder)
await listening()
await playRound()
writeFileSync(join(folder, CODE_CACHE), program.createCachedData())
process.kill(process.pid, 'SIGTERM')

async function listening(): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    try {
      await fetch(`${url}/livez`)
      return
    } catch (error) {
      if (looks === LOOKS_MAX) throw error
      await pause(LOOK_MS)
    }
  }
}

/** The first requests that a server usually gets. */
async function playRound(): Promise<void> {
  const { session_id: id, user_token: token } = await answerTo('/api/sessions', CREATOR)
  const session = `/api/sessions/${id}`
  const stream = new AbortController()
  const events = await fetch(`${url}/api/sse/${id}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: stream.signal,
  })
  await answerTo(`${session}/join`, { user_name: 'Bob', user_avatar: 'fox' })
  await answerTo(`${session}/start`, {}, token)
  await answerTo(`${session}/vote`, { vote: '5' }, token)
  await answerTo(`${session}/reveal`, {}, token)
  await events.body?.getReader().read()
  stream.abort()
}

async function answerTo(path: string, body: object, token?: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Record<string, string>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
