import { createParser } from 'eventsource-parser'
import type * as z from 'zod'
import type { Card } from '../../machines/card.js'
import type { AnyEnvelope } from '../wire/events.js'
import { problemView } from '../wire/problem.js'
import { createdView, doneView, joinedView, startedView } from '../wire/responses.js'
import type { SettingsWish } from '../wire/settings.js'
import { type SessionView, sessionView } from '../wire/views.js'

/** A frame that a player received, and when. */
export interface Seen {
  readonly envelope: AnyEnvelope
  /** From `performance.now()`. */
  readonly at: number
}

type Role = SessionView['participants'][number]['role']

interface Seat {
  readonly sessionId: string
  readonly userId: string
  readonly token: string
}

/** One simulated participant: commands over REST, everything else from one stream. */
export class Player {
  readonly seat: Seat
  readonly #url: string

  private constructor(url: string, seat: Seat) {
    this.#url = url
    this.seat = seat
  }

  /** @throws when the server refuses */
  static async create(url: string, name: string, creator: string, settings: SettingsWish): Promise<Player> {
    const body = { name, creator_name: creator, creator_avatar: creator.toLowerCase(), settings }
    const created = await send(`${url}/api/sessions`, createdView, { body })
    return new Player(url, {
      sessionId: created.session_id,
      userId: created.user_id,
      token: created.user_token,
    })
  }

  /** @throws when the server refuses */
  static async join(url: string, sessionId: string, name: string, role: Role): Promise<Player> {
    const body = { user_name: name, user_avatar: name.toLowerCase(), role }
    const joined = await send(`${url}/api/sessions/${sessionId}/join`, joinedView, { body })
    return new Player(url, { sessionId, userId: joined.user_id, token: joined.user_token })
  }

  /** Reads the stream until it ends. */
  async watch(onSeen: (seen: Seen) => void): Promise<void> {
    const parser = createParser({
      onEvent: ({ data }) => onSeen({ envelope: JSON.parse(data), at: performance.now() }),
    })
    const response = await fetch(`${this.#url}/api/sse/${this.seat.sessionId}`, {
      headers: { Authorization: `Bearer ${this.seat.token}` },
    })
    if (!response.ok || response.body === null) throw new Error(`the stream answered ${response.status}`)
    const decoder = new TextDecoder()
    for await (const chunk of response.body) parser.feed(decoder.decode(chunk, { stream: true }))
  }

  /** Starts a round about a new story. */
  async start(title: string): Promise<void> {
    await this.#send('/start', startedView, { body: { title } })
  }

  async vote(card: Card): Promise<void> {
    await this.#send('/vote', doneView, { body: { vote: card } })
  }

  /** Accepts an estimate for the team. */
  async accept(estimate: Card): Promise<void> {
    await this.#send('/accept', doneView, { body: { estimate } })
  }

  async end(): Promise<void> {
    await this.#send('', doneView, { method: 'DELETE' })
  }

  /** The current session, fetched again. */
  look(): Promise<SessionView> {
    return this.#send('', sessionView, { method: 'GET' })
  }

  #send<Answer>(path: string, schema: z.ZodType<Answer>, parts: RequestParts): Promise<Answer> {
    const { sessionId, token } = this.seat
    return send(`${this.#url}/api/sessions/${sessionId}${path}`, schema, { ...parts, token })
  }
}

interface RequestParts {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly body?: unknown
  readonly token?: string
}

/** @throws when the server refuses, or its answer does not match the schema */
async function send<Answer>(
  url: string,
  schema: z.ZodType<Answer>,
  { method = 'POST', body, token }: RequestParts,
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(`${method} ${url}: ${problemView.parse(answer).detail}`)
  return schema.parse(answer)
}
