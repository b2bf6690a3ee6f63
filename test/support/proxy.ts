import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Transform } from 'node:stream'

/** What the proxy does to streams; everything else passes. */
export interface ProxyFault {
  /** Holds a stream back until it ends. */
  isBuffering?: boolean
  /** Cuts every stream after this long. */
  cutAfterMs?: number
  /** Rewrites what comes over a stream. */
  rewrite?: (text: string) => string
  /** Answers streams with this status instead. */
  status?: number
}

export interface FaultyProxy {
  readonly url: string
  readonly fault: ProxyFault
  /** Streams passed on so far. */
  readonly streams: { count: number }
  close(): Promise<void>
}

/** A proxy in front of a server that breaks streams in the way that it is told, and can be told anew. */
export async function startProxy(target: string, fault: ProxyFault = {}): Promise<FaultyProxy> {
  const streams = { count: 0 }
  const server = http.createServer((request, response) => {
    const isStream = request.url?.startsWith('/api/sse/') === true
    if (isStream) streams.count += 1
    if (isStream && fault.status !== undefined) {
      response.writeHead(fault.status, { 'Retry-After': '0' }).end()
      return
    }
    const { method, headers } = request
    const upstream = http.request(
      target + request.url,
      { method: method ?? 'GET', headers, agent: false },
      (answer) => {
        if (isStream && fault.isBuffering) return void holdBack(answer, response)
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.on('error', () => response.destroy())
        answer.pipe(isStream ? rewriting(fault) : new PassThrough()).pipe(response)
        if (isStream && fault.cutAfterMs !== undefined) {
          const timer = setTimeout(() => response.destroy(), fault.cutAfterMs)
          response.on('close', () => clearTimeout(timer))
        }
      },
    )
    upstream.on('error', () => response.destroy())
    response.on('close', () => upstream.destroy())
    request.pipe(upstream)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    fault,
    streams,
    close: async () => {
      // In this order: a connection that is accepted in between would be waited for.
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function rewriting(fault: ProxyFault): Transform {
  return new Transform({
    transform(chunk, _encoding, done) {
      done(null, fault.rewrite === undefined ? chunk : fault.rewrite(String(chunk)))
    },
  })
}

function holdBack(answer: http.IncomingMessage, response: http.ServerResponse): void {
  const held: Buffer[] = []
  answer.on('data', (chunk) => held.push(chunk))
  answer.on('end', () => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    response.end(Buffer.concat(held))
  })
  answer.on('error', () => response.destroy())
}
