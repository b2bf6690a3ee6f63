import { randomUUID } from 'node:crypto'
import type { Answer, Api, Person } from './api.js'
import { later, until } from './clients.js'
import type { Http2Api } from './http2-api.js'
import { LastingStream } from './lasting-stream.js'
import { applied } from './mirror.js'

const CARDS = ['1', '2', '3', '5', '8']
const MEMBERS = 2
/** Keeps an address below the proxy's rate, and a test's rounds below the number that is kept. */
const BETWEEN_ROUNDS_MS = 250
/** A temporary refusal is retried after this long, in milliseconds. */
const AGAIN_MS = 100
/** History keeps 200. */
const ROUNDS_MAX = 190

/** People who play round after round, retry temporary refusals, and know what they did. */
export class PlayedTable {
  /** How often they were told that the server is away. */
  refusals = 0
  /** Rounds that are over, as far as these people were told. */
  rounds = 0
  readonly streams: LastingStream[]
  readonly #api: Http2Api
  readonly #people: readonly Person[]
  #playing: Promise<void> | null = null
  #isPlaying = false
  #isOver = false

  private constructor(api: Http2Api, people: readonly Person[]) {
    this.#api = api
    this.#people = people
    this.streams = people.map((person) => new LastingStream(api, person))
  }

  static async open(api: Http2Api): Promise<PlayedTable> {
    const leader = await api.create()
    const people = [leader]
    while (people.length <= MEMBERS) people.push(await api.join(leader.sessionId, `Member ${people.length}`))
    const table = new PlayedTable(api, people)
    await until(() => table.streams.every(({ openings }) => openings > 0))
    return table
  }

  get leader(): Person {
    const [leader] = this.#people
    if (leader === undefined) throw new Error('nobody is here')
    return leader
  }

  get sessionId(): string {
    return this.leader.sessionId
  }

  play(): void {
    this.#isPlaying = true
    this.#playing = this.#play().finally(() => {
      this.#isPlaying = false
    })
    // A failure is reported to whoever awaits the play.
    this.#playing.catch(() => {})
  }

  /** This many more rounds, or as many as are kept. @throws what ended the play */
  async untilPlayed(count: number): Promise<void> {
    const enough = this.rounds + count
    await until(() => this.rounds >= enough || !this.#isPlaying)
    if (!this.#isPlaying) await this.#playing
  }

  /** Reads, through the proxy. */
  async look(): Promise<void> {
    await this.#api.session(this.sessionId)
  }

  /** Stops after the current round. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#playing
  }

  async close(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.streams.map((stream) => stream.close()))
  }

  /**
   * What these people were told is what a server has.
   * @param isUnbroken - they were served without a break: nothing was lost and nothing came twice; otherwise
   * they may have been away and have got the whole state
   */
  async expectToAgreeWith(api: Api, isUnbroken = true): Promise<void> {
    const { rounds } = (await api.request(`/api/sessions/${this.sessionId}/history`)).body
    const votes = rounds.map((round: { votes: Record<string, { value: string }> }) =>
      this.#people.map(({ userId }) => round.votes[userId]?.value),
    )
    expect(votes).toEqual(Array.from({ length: this.rounds }, (_, round) => this.#votesIn(round)))
    for (const stream of this.streams) {
      const { last_activity, expires_at, ...session } = await api.session(this.sessionId)
      await until(() => stream.version >= session.state_version)
      const { session: mirrored, resyncs } = applied(stream.frames)
      expect(mirrored).toMatchObject(session)
      expect(stream.failures).toEqual([])
      if (!isUnbroken) continue
      const ids = stream.frames.flatMap(({ id }) => (id === undefined ? [] : [Number(id)]))
      expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index))
      expect([resyncs, stream.types.includes('state_sync_required')]).toEqual([0, false])
    }
  }

  async #play(): Promise<void> {
    while (!this.#isOver && this.rounds < ROUNDS_MAX) {
      await this.#command(this.leader, 'start', { story: `Story ${this.rounds}` })
      const votes = this.#votesIn(this.rounds)
      await Promise.all(
        this.#people.map((person, index) => this.#command(person, 'vote', { vote: votes[index] })),
      )
      const { body } = await this.#command(this.leader, 'reveal')
      expect(body.statistics.total_votes).toBe(this.#people.length)
      this.rounds += 1
      await later(BETWEEN_ROUNDS_MS)
    }
  }

  #votesIn(round: number): string[] {
    return this.#people.map((_, index) => CARDS[(round + index) % CARDS.length] ?? '')
  }

  /** Retried with one key until it is done. */
  async #command(by: Person, name: string, body?: unknown): Promise<Answer> {
    const headers = { 'Idempotency-Key': randomUUID() }
    for (;;) {
      const answer = await this.#api.post(`/api/sessions/${this.sessionId}/${name}`, { by, body, headers })
      if (answer.status !== 503) {
        expect([name, answer.status, answer.text]).toEqual([name, 200, expect.anything()])
        return answer
      }
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      this.refusals += 1
      await later(AGAIN_MS)
    }
  }
}
