import { Api, type Person } from '../support/api.js'
import { IdleStream } from './idle-stream.js'

/** Random numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What was asked and answered at all tables. */
export interface Tally {
  requests: number
  /** Answers that no client should ever get: 5xx, and broken connections. */
  faults: string[]
  sessions: number
  rounds: number
  streams: number
}

export function emptyTally(): Tally {
  return { requests: 0, faults: [], sessions: 0, rounds: 0, streams: 0 }
}

interface Member {
  readonly person: Person
  stream: IdleStream | null
}

const SEATS = 8
const FAULTS_MAX = 20
/** The probability at each step: a meeting takes a hundred steps on average. */
const MEETING_ENDS = 0.01

/** What a table does next, and how often. */
const ACTIONS = [
  ...new Array(4).fill('round'),
  ...new Array(3).fill('join'),
  ...new Array(3).fill('return'),
  ...new Array(2).fill('drop'),
  'leave',
  'reload',
  'pause',
] as const

/** A session and its people, who do what people do; refusals are part of it. */
export class Table {
  readonly #api: Api
  readonly #random: () => number
  readonly #tally: Tally
  #members: Member[] = []

  constructor(url: string, seed: number, tally: Tally) {
    this.#api = new Api(url)
    this.#random = randomFrom(seed)
    this.#tally = tally
  }

  /** One thing happens; now and then the meeting ends. */
  async step(): Promise<void> {
    const [leader] = this.#members
    if (leader === undefined) return this.#create()
    if (this.#random() < MEETING_ENDS) return this.clear()
    switch (this.#pick(ACTIONS)) {
      case 'round':
        return this.#playRound(leader.person)
      case 'join':
        return this.#join(leader.person.sessionId)
      case 'drop':
        return this.#drop(this.#pick(this.#members))
      case 'return':
        return this.#follow(this.#pick(this.#members))
      case 'reload': {
        const member = this.#pick(this.#members)
        this.#drop(member)
        return this.#follow(member)
      }
      case 'pause':
        await this.#ask(leader.person, 'pause')
        return void (await this.#ask(leader.person, 'resume'))
      default:
        return this.#leave(this.#pick(this.#members))
    }
  }

  /** Everybody leaves, the leader last; the session is over. */
  async clear(): Promise<void> {
    for (const member of this.#members.toReversed()) await this.#leave(member)
    this.#abandon()
  }

  async #create(): Promise<void> {
    const person = await this.#api.create().catch(() => null)
    if (person === null) return
    this.#tally.sessions += 1
    const creator = { person, stream: null }
    this.#members = [creator]
    await this.#follow(creator)
  }

  async #join(sessionId: string): Promise<void> {
    if (this.#members.length >= SEATS) return
    const person = await this.#api.join(sessionId).catch(() => null)
    // The session has meanwhile ended by itself.
    if (person === null) return this.#abandon()
    const member = { person, stream: null }
    this.#members.push(member)
    await this.#follow(member)
  }

  async #playRound(leader: Person): Promise<void> {
    const started = await this.#ask(leader, 'start')
    if (started === 404) return this.#abandon()
    for (const { person } of this.#members)
      await this.#ask(person, 'vote', { vote: this.#pick(['1', '5', 'coffee']) })
    await this.#ask(leader, 'reveal')
    this.#tally.rounds += 1
  }

  #drop(member: Member): void {
    member.stream?.close()
    member.stream = null
  }

  async #follow(member: Member): Promise<void> {
    if (member.stream?.isClosed === false) return
    member.stream = new IdleStream(this.#api.url, member.person.sessionId, member.person.token)
    this.#tally.streams += 1
    await member.stream.opened.catch(() => this.#drop(member))
  }

  async #leave(member: Member): Promise<void> {
    const isLeader = member === this.#members[0]
    // The leader goes last, and until then extends the session instead.
    await this.#ask(member.person, isLeader && this.#members.length > 1 ? 'extend' : 'leave')
    if (isLeader && this.#members.length > 1) return
    this.#drop(member)
    this.#members = this.#members.filter((other) => other !== member)
  }

  #abandon(): void {
    for (const member of this.#members) this.#drop(member)
    this.#members = []
  }

  async #ask(by: Person, name: string, body?: unknown): Promise<number> {
    const { faults } = this.#tally
    this.#tally.requests += 1
    try {
      const answer = await this.#api.post(`/api/sessions/${by.sessionId}/${name}`, { by, body })
      const { status } = answer
      // Somebody who was cut off with half the table may not act before coming back.
      const isRefused = status < 500 || answer.body?.error_code === 'NETWORK_PARTITION'
      if (!isRefused && faults.length < FAULTS_MAX) faults.push(`${name}: ${answer.text}`)
      return status
    } catch (error) {
      if (faults.length < FAULTS_MAX) faults.push(`${name}: ${String(error)}`)
      return 0
    }
  }

  #pick<Value>(values: readonly Value[]): Value {
    const value = values[Math.floor(this.#random() * values.length)]
    if (value === undefined) throw new Error('nothing to pick from')
    return value
  }
}
