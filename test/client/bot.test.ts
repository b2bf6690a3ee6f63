import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Api } from '../support/api.js'
import { startBuiltServer } from '../support/built-server.js'

const ROOT = join(__dirname, '../..')

test('the documentation’s bot, run as written, votes; it has fewer than twenty lines', async () => {
  const guide = readFileSync(join(ROOT, 'docs/client.md'), 'utf8')
  const code = /<!-- bot:begin -->\s+```js\n([\s\S]*?)```/.exec(guide)?.[1] ?? ''
  expect(code.split('\n').length).toBeLessThan(20)
  // Inside the package, so that it finds `magnapp/client` by name.
  const file = join(ROOT, 'dist/documented-bot.mjs')
  writeFileSync(file, code)

  const server = await startBuiltServer()
  const api = new Api(server.url)
  const ada = await api.create()
  const bot = spawn(process.execPath, [file, ada.sessionId, server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  bot.stdout.on('data', (chunk) => {
    output += chunk
  })
  const exited = new Promise((resolve) => bot.once('exit', resolve))
  const until = async (
    isTrue: (session: { participants: unknown[]; current_round: { votes: object } }) => boolean,
  ) => {
    while (!isTrue(await api.session(ada.sessionId))) await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await until(({ participants }) => participants.length === 2)
  await api.command(ada, 'start')
  await until(({ current_round }) => Object.keys(current_round.votes).length === 1)
  await api.command(ada, 'reveal')
  while (!output.includes('average 5')) await new Promise((resolve) => setTimeout(resolve, 10))
  await api.request(`/api/sessions/${ada.sessionId}`, { method: 'DELETE', by: ada })
  expect(await exited).toBe(0)
  await server.stop()
})
