import http from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Balancer {
  readonly url: string
  close(): Promise<void>
}

/** A session's id, wherever it stands in a path. */
const SESSION = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/

/** Who refused a connection is left alone for so long, in milliseconds. */
const AWAY_MS = 2_000

/**
 * A proxy before several servers, which holds nothing up. A request of which nothing comes is cut off, and never
 * sent again.
 * @param isHashing - what names a session always goes to the same one; otherwise every request goes to the next
 */
export async function startBalancer(urls: readonly string[], isHashing: boolean): Promise<Balancer> {
  const targets = urls.map((url) => new URL(url))
  const refusedAt = new Map<URL, number>()
  const agent = new http.Agent({ keepAlive: true })
  let count = 0
  const proxy = http.createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const [session] = (isHashing ? SESSION.exec(request.url ?? '') : null) ?? []
    const place = session === undefined ? count : Number.parseInt(session.slice(0, 6), 16)
    const inTurn = targets.map((_, index) => targets[(place + index) % targets.length])
    const isThere = (target: URL | undefined) =>
      target !== undefined && performance.now() - (refusedAt.get(target) ?? -AWAY_MS) >= AWAY_MS
    const target = inTurn.find(isThere) ?? inTurn[0]
    count += 1
    const { hostname, port } = target ?? {}
    const { method, url: path } = request
    const headers = rawPairs(request.rawHeaders).filter(([name]) => name.toLowerCase() !== 'connection')
    const onward = http.request({ hostname, port, method, path, agent, headers: headers.flat() })
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      response.flushHeaders()
      answer.pipe(response)
      answer.on('error', () => response.destroy())
      answer.on('aborted', () => response.destroy())
    })
    onward.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && target !== undefined) refusedAt.set(target, performance.now())
      response.destroy()
    })
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  const { port } = proxy.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      agent.destroy()
      proxy.closeAllConnections()
      await new Promise((resolve) => proxy.close(resolve))
    },
  }
}

function rawPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? ''])
  return pairs
}
