import { connect, createServer, type Socket } from 'node:net'

/** What ends a line of Redis' protocol. */
const CRLF = '\r\n'

/** In front of a Redis: subscribers behind it do not hear everything. */
export interface LossyRedis {
  readonly url: string
  /** How many messages were held back. */
  readonly dropped: number
  /** From now on. @param isDropped - asked for every message that is published */
  drop(isDropped: (channel: string) => boolean): void
  /** Breaks the connections of the subscribers. @returns how many */
  killSubscribers(): number
  close(): Promise<void>
}

/** On a free port of loopback. */
export async function startLossyRedis(redisUrl: string): Promise<LossyRedis> {
  const open = new Set<Socket>()
  const subscribers = new Set<Socket>()
  let dropped = 0
  let isDropped: (channel: string) => boolean = () => false
  const server = createServer((near) => {
    const far = connect(Number(new URL(redisUrl).port), '127.0.0.1')
    let unread = Buffer.alloc(0)
    near.on('data', (bytes) => {
      if (bytes.includes('ssubscribe')) subscribers.add(near)
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (!subscribers.has(near)) {
        near.write(bytes)
        return
      }
      unread = Buffer.concat([unread, bytes])
      for (let length = replyLength(unread, 0); length !== null; length = replyLength(unread, 0)) {
        const reply = unread.subarray(0, length)
        unread = unread.subarray(length)
        const [kind, channel = ''] = textsOf(reply)
        if (kind === 'smessage' && isDropped(channel)) dropped += 1
        else near.write(reply)
      }
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        subscribers.delete(socket)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    get dropped() {
      return dropped
    },
    drop: (of) => {
      isDropped = of
    },
    killSubscribers: () => {
      const killed = [...subscribers]
      for (const socket of killed) socket.resetAndDestroy()
      return killed.length
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}

/** The length in bytes of the reply that starts there; `null`: it is incomplete. */
function replyLength(bytes: Buffer, from: number): number | null {
  const end = bytes.indexOf(CRLF, from)
  if (end === -1) return null
  const line = end + CRLF.length - from
  const count = Number(bytes.toString('latin1', from + 1, end))
  const kind = bytes.toString('latin1', from, from + 1)
  if (kind === '$') {
    const length = line + (count < 0 ? 0 : count + CRLF.length)
    return bytes.length - from < length ? null : length
  }
  let length = line
  for (let index = 0; kind === '*' && index < count; index += 1) {
    const part = replyLength(bytes, from + length)
    if (part === null) return null
    length += part
  }
  return length
}

/** The first two texts of a list. */
function textsOf(reply: Buffer): readonly string[] {
  const [, , kind = '', , channel = ''] = reply.toString('latin1').split(CRLF)
  return [kind, channel]
}
