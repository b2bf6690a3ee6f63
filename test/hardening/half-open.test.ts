import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

/** The lease is 2.5 times this. */
const HEARTBEAT_SECONDS = 0.4
const NAMESPACE = `magnapp-${process.pid}`
const [HOST_END, CLIENT_END] = [`mgh${process.pid}`.slice(0, 15), `mgc${process.pid}`.slice(0, 15)]
/** Of this process alone: a run alongside this one has a link of its own. */
const NETWORK = `10.${200 + ((process.pid >> 8) % 50)}.${process.pid % 256}`
const [HOST_ADDRESS, CLIENT_ADDRESS] = [`${NETWORK}.1`, `${NETWORK}.2`]

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' })

/** A network namespace with one link to this machine needs root and Debian's iproute2. */
function canMakeNamespace(): boolean {
  if (spawnSync('ip', ['netns', 'add', NAMESPACE], { stdio: 'pipe' }).status !== 0) return false
  ip('link', 'add', HOST_END, 'type', 'veth', 'peer', 'name', CLIENT_END, 'netns', NAMESPACE)
  ip('addr', 'add', `${HOST_ADDRESS}/30`, 'dev', HOST_END)
  ip('link', 'set', HOST_END, 'up')
  ip('-n', NAMESPACE, 'addr', 'add', `${CLIENT_ADDRESS}/30`, 'dev', CLIENT_END)
  ip('-n', NAMESPACE, 'link', 'set', CLIENT_END, 'up')
  return true
}

const isPossible = canMakeNamespace()
const mustRun = process.env['CI'] === 'true'
if (!isPossible && !mustRun)
  process.stderr.write('skipped: half-open connections (needs root and iproute2)\n')
const namespaceTest = isPossible || mustRun ? test : test.skip

let server: BuiltServer | null = null

afterAll(async () => {
  await server?.stop()
  spawnSync('ip', ['netns', 'delete', NAMESPACE])
})

namespaceTest(
  'a Scrum Master whose link is cut without a FIN is offline within the lease, and waited for',
  async () => {
    server = await startBuiltServer({
      HOST: '0.0.0.0',
      MOBILE_HEARTBEAT_INTERVAL: String(HEARTBEAT_SECONDS),
      RATE_LIMITING: 'false',
    })
    const api = new Api(server.url)
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const watching = await new TestStream(server.url, ada.sessionId, { token: bob.token }).untilType(
      'session_updated',
    )
    const outside = `http://${HOST_ADDRESS}:${new URL(server.url).port}`
    const phone = spawn('ip', [
      'netns',
      'exec',
      NAMESPACE,
      'curl',
      '-sN',
      `${outside}/api/sse/${ada.sessionId}`,
      '-H',
      `Authorization: Bearer ${ada.token}`,
    ])
    await new Promise((resolve) => phone.stdout.once('data', resolve))
    const { body } = await api.request(`/api/mobile/${ada.sessionId}/heartbeat`, { by: ada })
    expect(body).toMatchObject({ connected: true, next_heartbeat: HEARTBEAT_SECONDS })

    ip('-n', NAMESPACE, 'link', 'set', CLIENT_END, 'down')
    await watching.untilType('grace_period_started')
    const dropped = watching.frames.find(({ data }) => data.type === 'user_disconnected')?.data
    const lapsedMs = Date.parse(dropped.timestamp) - Date.parse(body.timestamp)
    expect(lapsedMs).toBeGreaterThanOrEqual(2.5 * HEARTBEAT_SECONDS * 1_000)
    expect(lapsedMs).toBeLessThan(2.5 * HEARTBEAT_SECONDS * 1_000 + 2_000)
    expect((await api.session(ada.sessionId)).status).toBe('grace_period')
    watching.close()
    phone.kill('SIGKILL')
  },
)
