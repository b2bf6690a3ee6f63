import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { build } from 'esbuild'

/** A page that has the client library as `magnapp`, on an origin of its own. */
export interface ClientPage {
  readonly origin: string
  close(): void
}

/** Serves the page, with the built library. */
export async function serveClientPage(host = '127.0.0.1'): Promise<ClientPage> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, '../../dist/src/client/client.js')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'magnapp',
    platform: 'browser',
    target: 'es2022',
  })
  const script = outputFiles[0]?.text ?? ''
  const server = http.createServer((request, response) => {
    const isScript = request.url === '/client.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8')
    response.end(
      isScript ? script : '<!doctype html><link rel="icon" href="data:,"><script src="/client.js"></script>',
    )
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    origin: `http://${host}:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
