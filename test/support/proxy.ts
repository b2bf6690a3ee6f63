import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Transform } from 'node:stream'

/** What the proxy does to streams; everything else passes, unless stated otherwise. */
export interface ProxyFault {
  /** Holds a stream back until it ends. */
  isBuffering?: boolean
  /** Lets the beginning of a stream through, and holds the rest back. */
  isBufferingAfterFirst?: boolean
  /** Cuts every stream after this long. */
  cutAfterMs?: number
  /** Rewrites what comes over a stream, in whole frames. */
  rewrite?: (text: string) => string
  /** Replaces the server's own `retry`, for tests that have no time. */
  retryMs?: number
  /** Answers streams with this status instead. */
  status?: number
  /** Answers everything this way instead, or only streams. */
  answer?: { status: number; headers?: Record<string, string>; body?: string; isForStreamsOnly?: boolean }
  /** Breaks every connection off, as if nothing were there. */
  isDown?: boolean
}

export interface FaultyProxy {
  readonly url: string
  readonly fault: ProxyFault
  /** The server behind it; can be changed, as after a deploy. */
  target: string
  /** Streams requested so far, the cursors they were requested with, and how many are open. */
  readonly streams: { count: number; readonly open: number; readonly cursors: (string | undefined)[] }
  /** Breaks off what is open now. */
  cut(): void
  /** Swallows whatever still comes over the open streams, as a dead network does: nobody is told. */
  silence(): void
  close(): Promise<void>
}

/** A proxy in front of a server that breaks streams in the way it is told to, which can change. */
export async function startProxy(target: string, fault: ProxyFault = {}): Promise<FaultyProxy> {
  const open = new Set<{ isSilenced: boolean; readonly isStream: boolean }>()
  const streams = {
    count: 0,
    cursors: [] as (string | undefined)[],
    get open() {
      return [...open].filter(({ isStream }) => isStream).length
    },
  }
  const server = http.createServer((request, response) => {
    const isStream = request.url?.startsWith('/api/sse/') === true
    // A browser first asks whether it may.
    if (isStream && request.method === 'GET') {
      streams.count += 1
      streams.cursors.push(request.headers['last-event-id']?.toString())
    }
    if (fault.isDown) return void request.socket.destroy()
    const answered = answerOf(fault, isStream)
    if (answered !== null) {
      response.writeHead(answered.status, answered.headers).end(answered.body)
      return
    }
    const { method, headers } = request
    const upstream = http.request(
      proxy.target + request.url,
      { method: method ?? 'GET', headers, agent: false },
      (answer) => {
        const line = { isSilenced: false, isStream }
        open.add(line)
        response.on('close', () => open.delete(line))
        passOn(answer, response, isStream ? { fault, line } : null)
      },
    )
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${port}`,
    fault,
    target,
    streams,
    cut: () => server.closeAllConnections(),
    silence: () => {
      for (const line of open) line.isSilenced = true
    },
    close: async () => {
      // In this order: a connection that is accepted in between would be waited for.
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
  return proxy
}

function answerOf({ status, answer }: ProxyFault, isStream: boolean): Required<ProxyFault>['answer'] | null {
  if (isStream && status !== undefined) return { status, headers: { 'Retry-After': '0' } }
  return answer === undefined || (answer.isForStreamsOnly && !isStream) ? null : answer
}

/** A stream on its way. */
interface Passage {
  readonly fault: ProxyFault
  readonly line: { readonly isSilenced: boolean }
}

function passOn(answer: http.IncomingMessage, response: http.ServerResponse, passage: Passage | null): void {
  answer.on('error', () => response.destroy())
  if (passage?.fault.isBuffering) return void holdBack(answer, response)
  response.writeHead(answer.statusCode ?? 502, answer.headers)
  const isStream = answer.headers['content-type']?.startsWith('text/event-stream') === true
  if (passage === null || !isStream) return void answer.pipe(response)
  const { fault } = passage
  // The headers of a stream are sent before its first byte.
  response.flushHeaders()
  answer.pipe(new Frames(passage)).pipe(response)
  if (fault.cutAfterMs === undefined) return
  const timer = setTimeout(() => response.destroy(), fault.cutAfterMs)
  response.on('close', () => clearTimeout(timer))
}

/** Splits a stream into whole frames, to which the current fault is applied. */
class Frames extends Transform {
  readonly #passage: Passage
  readonly #decoder = new TextDecoder()
  #rest = ''
  #hasPassed = false

  constructor(passage: Passage) {
    super()
    this.#passage = passage
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, passed: string) => void): void {
    const { fault, line } = this.#passage
    if (line.isSilenced) return void done(null, '')
    const { isBufferingAfterFirst, rewrite = (text) => text, retryMs } = fault
    const text = this.#rest + this.#decoder.decode(chunk, { stream: true })
    const mayPass = !isBufferingAfterFirst || !this.#hasPassed
    const end = mayPass && text.includes('\n\n') ? text.lastIndexOf('\n\n') + 2 : 0
    this.#rest = text.slice(end)
    this.#hasPassed ||= text.includes('data:')
    const frames = rewrite(text.slice(0, end))
    done(null, retryMs === undefined ? frames : frames.replace(/^retry: \d+/gm, `retry: ${retryMs}`))
  }
}

function holdBack(answer: http.IncomingMessage, response: http.ServerResponse): void {
  const held: Buffer[] = []
  answer.on('data', (chunk) => held.push(chunk))
  answer.on('end', () => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.end(Buffer.concat(held))
  })
}
