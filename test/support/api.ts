import { strict as assert } from 'node:assert'

/** What a test needs to act as somebody. */
export interface Person {
  readonly sessionId: string
  readonly userId: string
  readonly token: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is what the test is about
  readonly body: any
  readonly text: string
}

export interface RequestOptions {
  readonly method?: string
  readonly by?: Person
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

/** A client that hides nothing: it returns the answer, whatever that is. */
export class Api {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const { method = 'GET', body } = options
    const response = await fetch(this.url + path, {
      method,
      headers: requestHeaders(options),
      ...(body === undefined ? {} : { body: bodyText(body) }),
    })
    return answerOf(response.status, response.headers, await response.text())
  }

  post(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.request(path, { method: 'POST', ...options })
  }

  async create(name = 'Sprint', creator = 'Ada', beside: object = {}): Promise<Person> {
    const answer = await this.post('/api/sessions', {
      body: { name, creator_name: creator, creator_avatar: 'fox', ...beside },
    })
    assert.equal(answer.status, 201, answer.text)
    return { sessionId: answer.body.session_id, userId: answer.body.user_id, token: answer.body.user_token }
  }

  async join(sessionId: string, name = 'Bob'): Promise<Person> {
    const answer = await this.post(`/api/sessions/${sessionId}/join`, {
      body: { user_name: name, user_avatar: 'owl' },
    })
    assert.equal(answer.status, 201, answer.text)
    return { sessionId, userId: answer.body.user_id, token: answer.body.user_token }
  }

  /** A command on one's own session; must succeed. */
  async command(by: Person, name: string, body?: unknown): Promise<Answer> {
    const answer = await this.post(`/api/sessions/${by.sessionId}/${name}`, { by, body })
    assert.equal(answer.status, 200, answer.text)
    return answer
  }

  async session(id: string): Promise<Answer['body']> {
    return (await this.request(`/api/sessions/${id}`)).body
  }
}

export function requestHeaders({ by, body, headers }: RequestOptions): Record<string, string> {
  return {
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(by === undefined ? {} : { Authorization: `Bearer ${by.token}` }),
    ...headers,
  }
}

export function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

export function answerOf(status: number, headers: Headers, text: string): Answer {
  const isJson = headers.get('content-type')?.includes('json') === true
  return { status, headers, body: isJson ? JSON.parse(text) : null, text }
}
