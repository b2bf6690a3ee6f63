import { randomBytes } from 'node:crypto'
import { type Connection, openConnection, type Way } from './connection.js'
import type { OnFrames } from './event-stream.js'

const UPGRADE_PATH = '/socket.io/?EIO=4&transport=websocket'
/** The first characters of an Engine.IO message that holds a Socket.IO event, and an acknowledgement. */
const MESSAGE = 0x34
const EVENT = 0x32
const ACK = 0x33
const ACK_ID = 7

/**
 * A Socket.IO client over a raw WebSocket: frames are told apart by their first two characters;
 * their JSON is not parsed.
 */
export class SocketIoConnection {
  onFrames: OnFrames = () => {}
  onAck: (body: string) => void = () => {}
  readonly #connection: Connection
  /** A frame that is not complete yet. */
  #rest: Buffer | null = null

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  static async open(way: Way): Promise<SocketIoConnection> {
    const connection = await openConnection(way)
    const opened = new SocketIoConnection(connection)
    await opened.#handshake()
    return opened
  }

  close(): void {
    this.#connection.socket.destroy()
  }

  send(frame: Buffer): void {
    this.#connection.socket.write(frame)
  }

  /** Emits an event; resolves with the acknowledgement's argument. */
  ask(name: string, argument: object): Promise<string> {
    return new Promise((resolve) => {
      this.onAck = resolve
      this.send(emitFrame(name, argument))
    })
  }

  #handshake(): Promise<void> {
    const { socket } = this.#connection
    const key = randomBytes(16).toString('base64')
    let text = ''
    return new Promise((resolve) => {
      this.#connection.onBytes = (inbox, length) => {
        text += inbox.toString('latin1', 0, length)
        if (text.includes('"pingTimeout"') && !text.includes('40{')) socket.write(textFrame('40'))
        if (!/40\{[^}]*\}/.test(text)) return
        this.#connection.onBytes = (bytes, count) => this.#read(bytes, count)
        resolve()
      }
      socket.write(
        `GET ${UPGRADE_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
      )
    })
  }

  #read(inbox: Buffer, length: number): void {
    const whole = this.#rest !== null
    const bytes = this.#rest === null ? inbox : Buffer.concat([this.#rest, inbox.subarray(0, length)])
    const end = whole ? bytes.length : length
    let frames = 0
    let at = 0
    for (;;) {
      const frame = frameAt(bytes, at, end)
      if (frame === null) break
      if (bytes[frame.start] === MESSAGE && bytes[frame.start + 1] === EVENT) frames += 1
      else if (bytes[frame.start] === MESSAGE && bytes[frame.start + 1] === ACK) {
        this.onAck(bytes.toString('latin1', frame.start + 4, frame.end - 1))
      }
      at = frame.end
    }
    this.#rest = at === end ? null : Buffer.from(bytes.subarray(at, end))
    if (frames > 0) this.onFrames(frames, length)
  }
}

/** An event with one argument that asks for an acknowledgement, as a WebSocket frame. */
export function emitFrame(name: string, argument: object): Buffer {
  return textFrame(`42${ACK_ID}${JSON.stringify([name, argument])}`)
}

/** A client's text frame; its mask is all zeros, which is a valid mask. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = payload.length < 126 ? Buffer.alloc(6) : Buffer.alloc(8)
  head[0] = 0x81
  if (payload.length < 126) head[1] = 0x80 | payload.length
  else {
    head[1] = 0x80 | 126
    head.writeUInt16BE(payload.length, 2)
  }
  return Buffer.concat([head, payload])
}

/** A server's frame, which is not masked; `null`: not complete yet. */
function frameAt(bytes: Buffer, at: number, end: number): { start: number; end: number } | null {
  if (at + 2 > end) return null
  const short = (bytes[at + 1] ?? 0) & 0x7f
  if (short < 126) return whole(at + 2, short, end)
  if (at + 4 > end) return null
  if (short === 126) return whole(at + 4, bytes.readUInt16BE(at + 2), end)
  if (at + 10 > end) return null
  return whole(at + 10, Number(bytes.readBigUInt64BE(at + 2)), end)
}

function whole(start: number, length: number, end: number): { start: number; end: number } | null {
  return start + length > end ? null : { start, end: start + length }
}
