import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { type FakeTime, fakeTime } from '../support/fake-time.js'
import { testWith } from '../support/programs.js'
import { TestStream } from '../support/sse.js'

const HOUR_SECONDS = 3_600
const TIMEOUT_MS = 3_000
/** For a busy machine. */
const SLACK_MS = 2_000
/** A sweep, which measures every deadline again, runs several times in between. */
const TIMING = {
  SESSION_TIMEOUT_MINUTES: String(TIMEOUT_MS / 60_000),
  SESSION_WARNING_MINUTES: '10',
  CLEANUP_INTERVAL_SECONDS: '0.3',
}

let server: BuiltServer
let time: FakeTime

async function start(environment: Record<string, string>): Promise<Api> {
  time = fakeTime()
  server = await startBuiltServer({ ...TIMING, ...environment, ...time.environment })
  return new Api(server.url)
}

afterEach(async () => {
  await server.stop()
  time.remove()
})

/** The time of day that the server's process sees: that of the log line about a request made now. */
async function serverTime(): Promise<number> {
  const { headers } = await fetch(`${server.url}/health`)
  const line = new RegExp(`.*"${headers.get('x-request-id')}".*`)
  while (!line.test(server.output())) await new Promise((resolve) => setTimeout(resolve, 5))
  return Date.parse(JSON.parse(line.exec(server.output())?.[0] ?? '{}').time)
}

/** Why: a server's clock is corrected, by hand or by NTP, while people are estimating. */
describe.each([HOUR_SECONDS, -HOUR_SECONDS])('the time of day is set by %d seconds', (seconds) => {
  testWith('faketime')(
    'a session ends when nobody has acted for its idle time, no sooner and no later',
    async () => {
      const api = await start({})
      const ada = await api.create()
      const stream = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType(
        'session_updated',
      )
      await api.command(ada, 'start')
      const actedAt = performance.now()
      time.set(seconds)
      expect(Math.abs((await serverTime()) - Date.now() - seconds * 1_000)).toBeLessThan(60_000)
      await stream.untilType('session_expired')
      const lasted = performance.now() - actedAt
      expect(lasted).toBeGreaterThan(TIMEOUT_MS * 0.98 - 50)
      expect(lasted).toBeLessThan(TIMEOUT_MS + SLACK_MS)
    },
  )

  testWith('faketime')('a grace period lasts as long as it should, and the others carry on', async () => {
    const api = await start({
      SESSION_TIMEOUT_MINUTES: '10',
      GRACE_PERIOD_MINUTES: String(TIMEOUT_MS / 60_000),
      DISCONNECT_DEBOUNCE_SECONDS: '0',
    })
    const ada = await api.create()
    const bob = await api.join(ada.sessionId)
    const leading = await new TestStream(server.url, ada.sessionId, { token: ada.token }).untilType(
      'session_updated',
    )
    const stream = await new TestStream(server.url, ada.sessionId, { token: bob.token }).untilType(
      'session_updated',
    )
    leading.close()
    await stream.untilType('grace_period_started')
    const droppedAt = performance.now()
    time.set(seconds)
    await stream.untilType('grace_period_ended')
    const lasted = performance.now() - droppedAt
    expect(lasted).toBeGreaterThan(TIMEOUT_MS * 0.98 - 50)
    expect(lasted).toBeLessThan(TIMEOUT_MS + SLACK_MS)
    await api.command(bob, 'start')
    await stream.untilType('voting_started')
    stream.close()
  })
})
