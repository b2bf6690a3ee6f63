import { createSession, joinSession, type SessionClient, type SessionView } from '../../src/client/client.js'
import { Api } from './api.js'
import { type FaultyProxy, type ProxyFault, startProxy } from './proxy.js'

/** A test's patience, even on a busy machine. */
export const TIMING = {
  firstByteMs: 10_000,
  silenceMs: 60_000,
  retryMs: 20,
  retryMaxMs: 200,
  answerMs: 5_000,
}
/** For a link on which a stream's first byte, or what follows it, is not waited for. */
export const HASTY = { ...TIMING, firstByteMs: 300, silenceMs: 2_000 }

export const CREATION = { name: 'Sprint', creatorName: 'Ada', creatorAvatar: 'fox' }
export const JOINING = { userName: 'Bob', userAvatar: 'owl' }

const LOOK_MS = 5

/** Waits for what must come true; a test's own time limit ends a futile wait. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await later(LOOK_MS)
}

export function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** The clients and proxy of one test, which are closed after it. */
export class Clients {
  readonly #open: SessionClient[] = []
  #proxy: FaultyProxy | null = null

  /** Closes a client after the test. */
  keep(client: SessionClient): SessionClient {
    this.#open.push(client)
    return client
  }

  /** A leader who reaches the server directly, and a member behind a proxy. */
  async table(url: string, fault: ProxyFault = {}, timing = patienceWith(fault)) {
    const proxy = await startProxy(url, { retryMs: TIMING.retryMs, ...fault })
    this.#proxy = proxy
    const leader = this.keep(await createSession(CREATION, { url, timing: TIMING }))
    const member = this.keep(await joinSession(leader.sessionId, JOINING, { url: proxy.url, timing }))
    return { leader, member, proxy }
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((client) => client.close()))
    await this.#proxy?.close()
    this.#proxy = null
  }
}

function patienceWith({ isBuffering, isBufferingAfterFirst }: ProxyFault) {
  return isBuffering || isBufferingAfterFirst ? HASTY : TIMING
}

/** Waits until a client has what the server has, checksum included. */
export async function converged(client: SessionClient, url: string): Promise<void> {
  const api = new Api(url)
  for (;;) {
    const { last_activity, expires_at, ...session }: SessionView = await api.session(client.sessionId)
    if (client.state?.state_version === session.state_version) {
      expect(client.state).toMatchObject(session)
      return
    }
    await later(LOOK_MS)
  }
}

/** A whole round: the leader votes 5, the member 8. */
export async function playRound(leader: SessionClient, member: SessionClient): Promise<void> {
  await leader.commands.start()
  await leader.commands.vote('5')
  await member.commands.vote('8')
  await leader.commands.reveal()
}

/** The versions of the session's own events that an iterator yielded until it ended. */
export async function versionsOf(events: ReturnType<SessionClient['events']>): Promise<number[]> {
  const versions: number[] = []
  for await (const frame of events) if (!('session' in frame.data)) versions.push(frame.state_version)
  return versions
}
