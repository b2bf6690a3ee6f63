import type net from 'node:net'
import { type Door, dial, exchange, statusOf } from '../../support/raw-exchange.js'

export interface Message {
  readonly token?: string | undefined
  /** Whole fields: `Range: bytes=0-`. */
  readonly fields?: readonly string[]
  readonly body?: unknown
}

/** A session of the attacker's own. */
export interface OwnTable {
  readonly sessionId: string
  readonly token: string
  readonly members: readonly { readonly userId: string; readonly token: string }[]
}

interface Given {
  readonly door: Door
  /** How long an attack that could go on for ever lasts. */
  readonly forMs: number
  /** The session of the honest team, whose link the attacker has. */
  readonly sessionId: string
}

const DIALS_AT_ONCE = 100

/** What an attacker has: the way in, the link of somebody's session, and no scruples. */
export class Target {
  readonly door: Door
  readonly forMs: number
  readonly sessionId: string
  readonly #sockets = new Set<net.Socket>()
  readonly #tables: { readonly sessionId: string; readonly token: string }[] = []
  #endsAt: number
  /** Answers that say that the server itself is at fault. */
  readonly failures: string[] = []

  constructor({ door, forMs, sessionId }: Given) {
    this.door = door
    this.forMs = forMs
    this.sessionId = sessionId
    this.#endsAt = performance.now() + forMs
  }

  get isOn(): boolean {
    return performance.now() < this.#endsAt
  }

  /** The octets of a request. */
  octets(method: string, path: string, { token, fields = [], body }: Message = {}): string {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const lines = [
      `${method} ${path} HTTP/1.1`,
      `Host: ${this.door.secure?.host ?? `127.0.0.1:${this.door.port}`}`,
      ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
      ...(text === undefined
        ? []
        : [`Content-Length: ${Buffer.byteLength(text)}`, 'Content-Type: application/json']),
      ...fields,
    ]
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text ?? ''}`).toString('latin1')
  }

  /** Connections; those that are refused are no longer there. */
  async connections(count: number, octets = ''): Promise<readonly net.Socket[]> {
    const open: net.Socket[] = []
    for (let begun = 0; begun < count && this.isOn; begun += DIALS_AT_ONCE) {
      const some = Array.from({ length: Math.min(DIALS_AT_ONCE, count - begun) }, () =>
        this.connection(octets).catch(() => null),
      )
      for (const socket of await Promise.all(some)) if (socket !== null) open.push(socket)
    }
    return open
  }

  /** One connection that has sent this, and takes nothing until it is resumed. */
  async connection(octets = ''): Promise<net.Socket> {
    const socket = await dial(this.door)
    socket.pause()
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (chunk) => this.#look(String(chunk)))
    socket.pause()
    if (octets !== '') socket.write(Buffer.from(octets, 'latin1'))
    return socket
  }

  /** Sends one request on a connection of its own. */
  async ask(method: string, path: string, { fields = [], ...message }: Message = {}): Promise<string> {
    const octets = this.octets(method, path, { ...message, fields: [...fields, 'Connection: close'] })
    const received = await exchange(this.door, octets).catch(() => '')
    this.#look(received)
    return received
  }

  async status(method: string, path: string, message: Message = {}): Promise<number | null> {
    return statusOf(await this.ask(method, path, message))
  }

  /**
   * Sends one after the other, over and over, on several connections at once, and reads the answers.
   * @param begin - what each connection sends first
   */
  async repeat(
    octets: string | ((round: number) => string),
    { connections = 8, each = 4, begin = '' } = {},
  ): Promise<void> {
    let round = 0
    const next = () => {
      round += 1
      return typeof octets === 'string' ? octets : octets(round)
    }
    const line = async () => {
      while (this.isOn) {
        const socket = await this.connection(begin).catch(() => null)
        socket?.resume()
        while (this.isOn && socket !== null && !socket.destroyed) {
          const some = Array.from({ length: each }, next).join('')
          await new Promise((resolve) => socket.write(Buffer.from(some, 'latin1'), resolve))
          await new Promise((resolve) => setTimeout(resolve, 2))
        }
      }
    }
    const lines = Array.from({ length: connections }, line)
    // A connection that the server no longer reads from accepts nothing more.
    await Promise.race([Promise.all(lines), this.wait()])
  }

  /** Until the attack's time is over. */
  async wait(): Promise<void> {
    while (this.isOn) await new Promise((resolve) => setTimeout(resolve, 10))
  }

  /** A session of the attacker's own with long names; `events` of its own fill its log, and `rounds` of everybody's its history, before time starts. */
  async ownTable({ seats = 1, events = 0, rounds = 0 } = {}): Promise<OwnTable> {
    const created = await this.ask('POST', '/api/sessions', {
      body: { name: FAT, creator_name: FAT, creator_avatar: AVATAR },
    })
    const [sessionId, token] = [memberOf(created, 'session_id'), memberOf(created, 'user_token')]
    this.#tables.push({ sessionId, token })
    const path = `/api/sessions/${sessionId}`
    const members = [{ userId: memberOf(created, 'user_id'), token }]
    for (let seat = 1; seat < seats; seat += 1) {
      const joined = await this.ask('POST', `${path}/join`, { body: { user_name: FAT, user_avatar: AVATAR } })
      members.push({ userId: memberOf(joined, 'user_id'), token: memberOf(joined, 'user_token') })
    }
    for (let sent = 0; sent < events; sent += 1) await this.ask('POST', `${path}/extend`, { token })
    for (let played = 0; played < rounds; played += 1) {
      await this.ask('POST', `${path}/start`, { token, body: { title: FAT.repeat(4) } })
      for (const member of members) {
        await this.ask('POST', `${path}/vote`, { token: member.token, body: { vote: 'coffee' } })
      }
      await this.ask('POST', `${path}/reveal`, { token })
    }
    this.#endsAt = performance.now() + this.forMs
    return { sessionId, token, members }
  }

  /** Remembers a session, to end it when everything is over. */
  owns(created: string): void {
    const [sessionId, token] = [memberOf(created, 'session_id'), memberOf(created, 'user_token')]
    if (sessionId !== '') this.#tables.push({ sessionId, token })
  }

  /** Leaves, and leaves nothing behind. */
  async leave(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const { sessionId, token } of this.#tables) {
      await this.ask('DELETE', `/api/sessions/${sessionId}`, { token })
    }
  }

  #look(received: string): void {
    const failure = /HTTP\/1\.1 5\d\d .*/.exec(received)?.[0]
    if (failure !== undefined) this.failures.push(failure)
  }
}

/** Fifty characters of four bytes each. */
export const FAT = '\u{1D538}'.repeat(50)
const AVATAR = `https://e.org/${'a'.repeat(186)}`

/** A member of a JSON answer; empty if there is none. */
export function memberOf(received: string, name: string): string {
  return new RegExp(`"${name}":"([^"]*)"`).exec(received)?.[1] ?? ''
}
