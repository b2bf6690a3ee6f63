import { Api, type Person, type RequestOptions } from './api.js'
import { type BuiltServer, startBuiltServer, testOfOneNode } from './built-server.js'
import { type StreamRequest, TestStream } from './sse.js'

export type IdentityMode = 'open' | 'token'

/**
 * Somebody who knows the owner's plan: every command names the actor in the query. If a server wants
 * proof, they send that as well.
 */
export class PlanApi extends Api {
  readonly #mode: IdentityMode

  constructor(url: string, mode: IdentityMode) {
    super(url)
    this.#mode = mode
  }

  /** A request by somebody, named as `parameter`. */
  as(by: Person, path: string, options: RequestOptions & { readonly parameter?: string } = {}) {
    const { parameter = 'user_id', ...rest } = options
    const separator = path.includes('?') ? '&' : '?'
    const proof = this.#mode === 'token' ? { by } : {}
    return this.request(`${path}${separator}${parameter}=${by.userId}`, { method: 'POST', ...rest, ...proof })
  }

  /** A command on one's own session. */
  act(by: Person, name: string, body?: unknown) {
    return this.as(by, `/api/sessions/${by.sessionId}/${name}`, body === undefined ? {} : { body })
  }

  /** A stream by a participant who is seen to be there. */
  stream({ sessionId, userId, token }: Person, request: StreamRequest = {}): TestStream {
    const proof = this.#mode === 'token' ? { token } : {}
    return new TestStream(this.url, sessionId, { query: `?user_id=${userId}`, ...proof, ...request })
  }

  /** A stream by somebody who is not in the session. */
  watch(sessionId: string): TestStream {
    return new TestStream(this.url, sessionId)
  }

  /** A phone's request. */
  phone(by: Person, name: string, options: RequestOptions = {}) {
    return this.as(by, `/api/mobile/${by.sessionId}/${name}`, options)
  }
}

/** One promise of the plan. */
export interface PlanRow {
  /** Line numbers in the owner's plan. */
  readonly line: string
  readonly says: string
  readonly holds: (plan: Plan) => Promise<void>
  /** Each node has its own. */
  readonly isOfOneNode?: boolean
}

/** What a row is tested on. */
export interface Plan {
  readonly api: PlanApi
  readonly server: BuiltServer
  readonly mode: IdentityMode
}

/** A section of the plan, on the built server in both identity modes. */
export function describePlan(
  section: string,
  rows: readonly PlanRow[],
  environment: Readonly<Record<string, string>> = {},
): void {
  describe.each(['open', 'token'] as const)(`${section}, IDENTITY=%s`, (mode) => {
    let server: BuiltServer

    beforeAll(async () => {
      server = await startBuiltServer({
        IDENTITY: mode,
        MAX_SESSIONS: '1000',
        RATE_LIMITING: 'false',
        ...environment,
      })
    })

    afterAll(() => server.stop())

    for (const { line, says, holds, isOfOneNode = false } of rows) {
      const tested = isOfOneNode ? testOfOneNode : test
      tested(`L${line}: ${says}`, () => holds({ api: new PlanApi(server.url, mode), server, mode }))
    }
  })
}
