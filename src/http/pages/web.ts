import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from 'express'
import type { Config } from '../../platform/config.js'
import { PACKAGE_FOLDER } from '../../platform/version.js'
import { ownNetworkAddress } from './own-network.js'
import { folderEntries, Page, type PageEntry } from './page.js'
import { madePageFile, type PageFile, readPageFile } from './page-file.js'

type PageConfig = Pick<Config, 'HOST' | 'PUBLIC_URL'>

/** Where the build puts the page that a team opens. */
export const WEB_FOLDER = join(PACKAGE_FOLDER, 'dist/web')

/** Allows the page's own files, its own server, and nothing else; one file may become a worker. */
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'self'",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'magnapp',
}

const DOCUMENT = 'index.html'
const DOCUMENT_PATHS = ['/', '/s/:session_id', '/r/:room']
/** In this folder, file names contain a hash of the content. */
const HASHED = '/assets/'

/** How many documents are kept; they differ in the address that others are given. */
const DOCUMENTS_MAX = 16

const NOT_BUILT =
  'The page of this server has not been built. Run "npm run build", and start the server again.\n'

/** Whether the page exists; a source checkout has none before it is built. */
export function isPageBuilt(folder = WEB_FOLDER): boolean {
  return existsSync(join(folder, 'index.html'))
}

/** The page that a team opens, at `/`, `/s/{session}` and `/r/{room}`, with its files. */
export function webPage(config: PageConfig, folder = WEB_FOLDER): Page {
  if (!isPageBuilt(folder)) return new Page({ policy: POLICY, entries: [notBuilt()] })
  const documents = new Map<string, PageFile>()
  const files = folderEntries(folder, '', (path) => (path.startsWith(HASHED) ? 'for_ever' : 'until_changed'))
  const document: PageEntry = {
    paths: DOCUMENT_PATHS,
    keeping: 'until_changed',
    read: () => readPageFile(join(folder, DOCUMENT)),
    adapt: (file, request) => forOrigin(file, originForOthers(request, config), documents),
  }
  return new Page({
    policy: POLICY,
    entries: [document, ...files.filter(({ paths }) => !paths.includes(`/${DOCUMENT}`))],
  })
}

function notBuilt(): PageEntry {
  return {
    paths: DOCUMENT_PATHS,
    keeping: 'not_at_all',
    status: 404,
    read: () => madePageFile('not-built.txt', NOT_BUILT),
  }
}

/**
 * The origin at which others reach this server, if it differs from the request's: the operator's setting or,
 * for a request to `localhost`, the machine's own network address.
 */
function originForOthers(request: Request, { HOST, PUBLIC_URL }: PageConfig): string | null {
  if (PUBLIC_URL !== null) return PUBLIC_URL
  // A server bound to a single address, such as loopback, has no other.
  if (HOST !== '0.0.0.0' && HOST !== '::') return null
  if (!/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/.test(request.headers.host ?? '')) return null
  const address = ownNetworkAddress()
  const port = request.socket.localPort
  return address === null ? null : `${request.protocol}://${address}:${port}`
}

/** The document with that origin; there are as many as the machine has addresses. */
function forOrigin(file: PageFile, origin: string | null, documents: Map<string, PageFile>): PageFile {
  if (origin === null) return file
  const known = documents.get(origin)
  if (known !== undefined) return known
  // A laptop that moves from network to network gets a new address each time.
  if (documents.size >= DOCUMENTS_MAX) documents.clear()
  const meta = `<meta name="magnapp-origin" content="${attribute(origin)}">`
  const made = madePageFile(DOCUMENT, file.plain.toString('utf8').replace('<title>', `${meta}\n<title>`))
  documents.set(origin, made)
  return made
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
