import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Request, RequestHandler, Response } from 'express'
import type { Config } from '../../platform/config.js'
import { PACKAGE_FOLDER } from '../../platform/version.js'
import { WireError } from '../../wire/errors.js'
import { ownNetworkAddress } from './own-network.js'
import { documentOf, type PageFile, readPageFolder } from './page-file.js'
import { sendFile } from './send-file.js'

type PageConfig = Pick<Config, 'HOST' | 'PUBLIC_URL'>

/** Where the build puts the page that a team opens. */
export const WEB_FOLDER = join(PACKAGE_FOLDER, 'dist/web')

/** The page's own files, its own server, and nothing else; one file may become a worker. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types magnapp',
].join('; ')

/** Asked for again each time, and kept: what is shown is never older than the server. */
const DOCUMENT_CACHE = 'no-cache'
/** Its name says what is in it. */
const HASHED_CACHE = 'public, max-age=31536000, immutable'

/** Documents that are kept; they differ by the address that others are given. */
const DOCUMENTS_MAX = 16

const NOT_BUILT =
  'The page of this server has not been built. Run "npm run build", and start the server again.\n'

/** Whether the page is there to be served; a checkout of the sources has none before it is built. */
export function isPageBuilt(folder = WEB_FOLDER): boolean {
  return existsSync(join(folder, 'index.html'))
}

/**
 * The page that a team opens, at `/`, `/s/{session}` and `/r/{room}`, with its files. They are read when
 * they are first asked for, so that the start does not wait for them, and stay in memory.
 */
export function webPage(config: PageConfig, folder = WEB_FOLDER): RequestHandler {
  let files: ReadonlyMap<string, PageFile> | null = null
  const documents = new Map<string, PageFile>()
  return (request, response, next) => {
    const { path, method } = request
    const isDocument = /^\/(?:[sr]\/[^/]+\/?)?$/.test(path)
    if (!isDocument && !/^\/(?:assets\/)?[\w.-]+$/.test(path)) return next()
    if (files === null && isPageBuilt(folder)) files = readPageFolder(folder)
    const file = files?.get(isDocument ? 'index.html' : path.slice(1))
    if (file === undefined) return isDocument && files === null ? sayNotBuilt(response) : next()
    if (method !== 'GET' && method !== 'HEAD') {
      response.set('Allow', 'GET, HEAD')
      throw new WireError('METHOD_NOT_ALLOWED', { context: { allow: ['GET', 'HEAD'] } })
    }
    if (!isDocument) {
      return sendFile(request, response, file, path.startsWith('/assets/') ? HASHED_CACHE : DOCUMENT_CACHE)
    }
    response.set('Content-Security-Policy', CONTENT_SECURITY_POLICY)
    sendFile(request, response, forOrigin(file, originForOthers(request, config), documents), DOCUMENT_CACHE)
  }
}

function sayNotBuilt(response: Response): void {
  response.status(404).set('Cache-Control', 'no-store').type('text').send(NOT_BUILT)
}

/**
 * Where others reach this server, when it is not where this request came: where the operator says, or,
 * for somebody who asked for `localhost`, the machine's own address in its network.
 */
function originForOthers(request: Request, { HOST, PUBLIC_URL }: PageConfig): string | null {
  if (PUBLIC_URL !== null) return PUBLIC_URL
  // Bound to this machine alone it is reached by no other.
  if (HOST !== '0.0.0.0' && HOST !== '::') return null
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(request.headers.host ?? '')) return null
  const address = ownNetworkAddress()
  const port = request.socket.localPort
  return address === null ? null : `${request.protocol}://${address}:${port}`
}

/** The document that says so; there are as many as the machine has addresses. */
function forOrigin(file: PageFile, origin: string | null, documents: Map<string, PageFile>): PageFile {
  if (origin === null) return file
  const known = documents.get(origin)
  if (known !== undefined) return known
  // A laptop that moves from network to network gets a new address each time.
  if (documents.size >= DOCUMENTS_MAX) documents.clear()
  const meta = `<meta name="magnapp-origin" content="${attribute(origin)}">`
  const made = documentOf(file.plain.toString('utf8').replace('<title>', `${meta}\n<title>`))
  documents.set(origin, made)
  return made
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
