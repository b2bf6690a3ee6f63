import { Api } from '../support/api.js'
import { type BuiltServer, startBuiltServer } from '../support/built-server.js'
import { TestStream } from '../support/sse.js'

const SESSIONS = 3
const SEATS = 16
const CYCLES = 100

let server: BuiltServer

beforeAll(async () => {
  // On a busy machine a cut takes long; nobody must be missed meanwhile.
  server = await startBuiltServer({
    RATE_LIMITING: 'false',
    LOG_REQUESTS: 'false',
    DISCONNECT_DEBOUNCE_SECONDS: '60',
  })
})

afterAll(() => server.stop())

/** One participant reading over many connections: where they are, and everything that came. */
class Follower {
  readonly sessionId: string
  readonly token: string
  readonly versions: number[] = []
  checksum: string | null = null
  #stream: TestStream | null = null

  constructor(sessionId: string, token: string) {
    this.sessionId = sessionId
    this.token = token
  }

  connect(): void {
    const request = this.#stream === null ? {} : { lastEventId: this.versions.at(-1) ?? 0 }
    this.#stream = new TestStream(server.url, this.sessionId, { token: this.token, ...request })
  }

  /** Breaks the connection and takes what had come over it. */
  cut(): void {
    this.#stream?.close()
    for (const { id, data } of this.#stream?.frames ?? []) {
      if (data.data.reason === 'connected') this.versions.length = 0
      this.versions.push(Number(id))
      this.checksum = data.state_checksum
    }
  }

  async upTo(version: number): Promise<void> {
    if (this.versions.at(-1) === version) await this.#stream?.until((stream) => stream.status === 200)
    else await this.#stream?.untilVersion(version)
  }
}

test('100 times all 48 streams are cut at once and come back: nothing missed, nothing doubled, all equal', async () => {
  const api = new Api(server.url)
  const tables = await Promise.all(
    Array.from({ length: SESSIONS }, async () => {
      const ada = await api.create()
      const others = await Promise.all(Array.from({ length: SEATS - 1 }, () => api.join(ada.sessionId)))
      const followers = [ada, ...others].map(({ sessionId, token }) => new Follower(sessionId, token))
      return { ada, followers }
    }),
  )
  const everybody = tables.flatMap(({ followers }) => followers)
  for (const follower of everybody) follower.connect()
  await Promise.all(tables.flatMap(({ followers }) => followers.map((follower) => follower.upTo(SEATS - 1))))

  for (let cycle = 0; cycle < CYCLES; cycle += 1) {
    for (const follower of everybody) follower.cut()
    // Something happens while nobody is connected, and something while everybody comes back.
    await Promise.all(tables.map(({ ada }) => api.command(ada, cycle % 2 === 0 ? 'start' : 'reveal')))
    for (const follower of everybody) follower.connect()
    await Promise.all(tables.map(({ ada }) => api.command(ada, 'extend')))
    await Promise.all(
      tables.map(async ({ ada, followers }) => {
        const { state_version } = await api.session(ada.sessionId)
        await Promise.all(followers.map((follower) => follower.upTo(state_version)))
      }),
    )
  }

  for (const follower of everybody) follower.cut()
  for (const { ada, followers } of tables) {
    const { state_version, state_checksum } = await api.session(ada.sessionId)
    const first = SEATS - 1
    const all = Array.from({ length: state_version - first + 1 }, (_, index) => first + index)
    for (const follower of followers) {
      expect(follower.versions).toEqual(all)
      expect(follower.checksum).toBe(state_checksum)
    }
  }
}, 60_000)
