import { type BuiltServer, startBuiltServer } from '../../support/built-server.js'
import { EventSource } from '../../support/event-source.js'
import { waitUntil } from '../../support/log-lines.js'

/** Whatever a server answers in JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the client knows only what the plan says of it
type Json = any

/** What a page is opened in: it sends what it is told to, with the cookies it got, if it keeps any. */
class Browser {
  readonly url: string
  readonly #keepsCookies: boolean
  readonly #cookies: string[] = []

  constructor(url: string, keepsCookies: boolean) {
    this.url = url
    this.#keepsCookies = keepsCookies
  }

  /** The page is the server's own. */
  headers(): Record<string, string> {
    return this.#cookies.length === 0 ? {} : { Cookie: this.#cookies.join('; '), Origin: this.url }
  }

  async send(method: string, path: string, body?: object): Promise<Json> {
    const sent = { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const response = await fetch(this.url + path, { ...sent, headers: { ...type, ...this.headers() } })
    for (const cookie of this.#keepsCookies ? response.headers.getSetCookie() : [])
      this.#cookies.push(cookie.split(';', 1)[0] ?? '')
    const answer: Json = await response.json()
    if (!response.ok) throw Object.assign(new Error(answer.message), { answer })
    return answer
  }
}

/**
 * A client by somebody who has read only the owner's plan: user ids in the query, an event stream, `{}` for
 * a state that it does not have, members that the server never heard of. It keeps no token, sends no header
 * of its own, and believes what the plan says of each answer.
 */
class PlanClient {
  readonly #browser: Browser
  readonly sessionId: string
  readonly userId: string
  readonly events: Json[] = []
  state: Json = {}
  #source: EventSource | null = null

  constructor(browser: Browser, sessionId: string, userId: string) {
    this.#browser = browser
    this.sessionId = sessionId
    this.userId = userId
  }

  static async create(browser: Browser, creator_name: string): Promise<PlanClient> {
    const body = { name: 'Planning', creator_name, creator_avatar: 'avatar 1.png', client: 'plan/1.0' }
    const { session_id, join_url } = await browser.send('POST', '/api/sessions/', body)
    expect(join_url).toContain(session_id)
    const { participants } = await browser.send('GET', `/api/sessions/${session_id}`)
    return new PlanClient(browser, session_id, participants[0].id)
  }

  static async join(browser: Browser, sessionId: string, user_name: string): Promise<PlanClient> {
    const body = { user_name, user_avatar: '/avatars/2.svg', locale: 'en' }
    const { user_id } = await browser.send('POST', `/api/sessions/${sessionId}/join`, body)
    return new PlanClient(browser, sessionId, user_id)
  }

  follow(): void {
    const url = `${this.#browser.url}/api/sse/${this.sessionId}?user_id=${this.userId}`
    this.#source = new EventSource(url, this.#browser.headers())
    this.#source.onmessage = (text) => this.events.push(JSON.parse(text))
  }

  hangUp(): void {
    this.#source?.close()
  }

  command(name: string, body?: object, parameter = 'user_id'): Promise<Json> {
    const separator = name.includes('?') ? '&' : '?'
    const path = `/api/sessions/${this.sessionId}/${name}${separator}${parameter}=${this.userId}`
    return this.#browser.send('POST', path, body)
  }

  mobile(method: string, name: string, body?: object): Promise<Json> {
    const separator = name.includes('?') ? '&' : '?'
    const path = `/api/mobile/${this.sessionId}/${name}${separator}user_id=${this.userId}`
    return this.#browser.send(method, path, body)
  }

  end(): Promise<Json> {
    return this.#browser.send('DELETE', `/api/sessions/${this.sessionId}?user_id=${this.userId}`)
  }

  /** Comes back with what it has, and adopts what it is told. */
  async reconnect(): Promise<Json> {
    const answer = await this.command('reconnect', { client_state: this.state, reason: 'page shown' })
    expect(answer.success).toBe(true)
    if (answer.sync_data.type === 'delta_sync') this.#apply(answer.sync_data.changes)
    else if (answer.sync_data.type === 'full_sync') this.#take(answer.sync_data.session)
    this.state = { ...this.state, state_version: answer.server_state.state_version }
    this.state.state_checksum = answer.server_state.state_checksum
    expect(this.state.participants).toEqual(answer.server_state.participants)
    expect(this.state.current_round).toEqual(answer.server_state.current_round)
    return answer
  }

  heard(type: string): Promise<Json> {
    return this.#find(type, 0)
  }

  /** The next event of a type after those that were there when this was called. */
  next(type: string): Promise<Json> {
    return this.#find(type, this.events.length)
  }

  async #find(type: string, from: number): Promise<Json> {
    const find = () => this.events.slice(from).find((event) => event.type === type)
    await waitUntil(() => find() !== undefined)
    return find().data
  }

  #take(session: Json): void {
    this.state = { participants: session.participants, current_round: session.current_round }
  }

  #apply(changes: Json[]): void {
    for (const { type, data } of changes) {
      const others = this.state.participants.filter(({ id }: Json) => id !== data?.id)
      if (type === 'participant_added') this.state.participants = [...others, data]
      if (type === 'participant_removed') this.state.participants = others
      if (type === 'participant_updated')
        this.state.participants = this.state.participants.map((user: Json) =>
          user.id === data.id ? data : user,
        )
      if (type === 'voting_state_changed') this.state.current_round = data
    }
  }
}

let server: BuiltServer | null = null

afterEach(async () => {
  await server?.stop()
  server = null
})

test.each([
  ['open', 'as it is'],
  ['token', 'in browsers that keep their cookies'],
])(
  'IDENTITY=%s: a client that knows only the plan plays a whole meeting, %s',
  async (IDENTITY) => {
    server = await startBuiltServer({ IDENTITY, DISCONNECT_DEBOUNCE_SECONDS: '0.05' })
    const { url } = server
    const browser = () => new Browser(url, IDENTITY === 'token')
    const ada = await PlanClient.create(browser(), 'Ada')
    ada.follow()
    await ada.heard('session_updated')
    const bob = await PlanClient.join(browser(), ada.sessionId, 'Bob')
    bob.follow()
    const cyd = await PlanClient.join(browser(), ada.sessionId, 'Cyd')
    cyd.follow()
    expect((await ada.heard('user_joined')).user_id).toBe(bob.userId)
    for (const client of [bob, cyd]) await client.heard('session_updated')
    expect((await bob.reconnect()).sync_data.type).toBe('full_sync')

    // A round in which Bob alone votes by touch, and then changes his mind.
    await expect(bob.command('start')).rejects.toMatchObject({
      message: "You don't have permission to perform this action.",
      answer: { error: true, recovery_actions: ['Contact the Scrum Master', 'Rejoin the session'] },
    })
    const started = cyd.next('voting_started')
    await ada.command('start', { user_id: ada.userId })
    await started
    await ada.command('vote', { vote: '5', mood: 'good' })
    await cyd.command('vote', { vote: '8' })
    await bob.mobile('POST', 'touch-vote', { vote: '5', touch_coordinates: [1, 2], device: 'phone' })
    const voted = await bob.reconnect()
    expect(voted.sync_data.type).toBe('delta_sync')
    await bob.command('vote', { vote: '8' })
    const { statistics } = await ada.command('reveal')
    expect(statistics).toMatchObject({ average: 7, consensus: false, total_votes: 3 })
    expect((await cyd.heard('votes_revealed')).votes[bob.userId].value).toBe('8')

    // A phone runs low, and says it is still there.
    const { optimizations } = await bob.mobile('POST', 'optimize?battery_level=15')
    expect(optimizations).toMatchObject({ sse_heartbeat_interval: 60, reduced_animations: true })
    expect(await bob.mobile('GET', 'heartbeat')).toMatchObject({ connected: true, next_heartbeat: 60 })

    // The Scrum Master's page goes away; everybody waits until it is back.
    const waits = cyd.next('grace_period_started')
    ada.hangUp()
    expect((await waits).message).toBe('Scrum Master disconnected. Session paused for 5 minutes.')
    await expect(cyd.command('vote', { vote: '1' })).rejects.toMatchObject({
      answer: { error_code: 'GRACE_PERIOD_ERROR', context: { grace_period_active: true } },
    })
    const over = cyd.next('grace_period_ended')
    ada.follow()
    expect((await over).reason).toBe('Scrum Master reconnected')

    // The role goes to Bob, who kicks Cyd and plays on with Ada.
    await ada.command(`transfer?new_master_id=${bob.userId}`, undefined, 'current_master_id')
    expect((await ada.heard('scrum_master_changed')).scrum_master_id).toBe(bob.userId)
    await bob.command(`kick/${cyd.userId}`, undefined, 'kicker_id')
    expect((await ada.heard('user_left')).reason).toBe('kicked')
    await bob.command('start')
    await ada.command('vote', { vote: 'coffee' })
    expect((await bob.command('reveal')).statistics).toMatchObject({ average: null, coffee_votes: 1 })
    await bob.reconnect()

    const ended = ada.next('session_expired')
    await bob.end()
    expect((await ended).reason).toBe('ended')
    await expect(ada.reconnect()).rejects.toMatchObject({
      answer: { error_code: 'SESSION_NOT_FOUND', fallback_action: 'full_page_reload' },
    })
    for (const client of [ada, bob, cyd]) client.hangUp()
  },
  30_000,
)
