import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Request, type RequestHandler, Router } from 'express'
import { methodNotAllowed } from '../middleware/errors.js'
import { isPageFileName, type PageFile, readPageFile } from './page-file.js'
import { sendFile } from './send-file.js'

/** How long a file may be cached without revalidation. */
const CACHE_CONTROL = {
  /** Its name contains a hash of its content. */
  for_ever: 'public, max-age=31536000, immutable',
  for_an_hour: 'public, max-age=3600',
  /** Cached, and revalidated each time. */
  until_changed: 'no-cache',
  not_at_all: 'no-store',
} as const

export type Keeping = keyof typeof CACHE_CONTROL

/** One of a page's files and its addresses. */
export interface PageEntry {
  /** Express paths: `/docs`, `/s/:session_id`. */
  readonly paths: readonly string[]
  readonly keeping: Keeping
  /** Default: 200. */
  readonly status?: 404
  /** Called once, and again only if it throws. */
  readonly read: () => PageFile
  /** Adapts the file to a request, if not all get the same. The result must come from memory, too. */
  readonly adapt?: (file: PageFile, request: Request) => PageFile
}

export interface PageOptions {
  /** Its `Content-Security-Policy`: the default allows nothing in a browser, so each page brings its own. */
  readonly policy: Readonly<Record<string, string>>
  /** In addition to those on every answer. */
  readonly headers?: Readonly<Record<string, string>>
  readonly entries: readonly PageEntry[]
}

const METHODS = ['GET', 'HEAD']

/**
 * A page and its files, served from memory: each is read once, and no request opens a file. Like all
 * addresses here, its addresses also match with a trailing slash, but only in the exact letter case, so that
 * a proxy's rule for an address covers every way to it. It answers only `GET` and `HEAD`.
 */
export class Page {
  readonly #files: readonly PageFileEntry[]
  readonly #router: () => Router

  constructor({ policy, headers = {}, entries }: PageOptions) {
    const directives = Object.entries(policy).map(([name, value]) => `${name} ${value}`.trimEnd())
    const all = { ...headers, 'Content-Security-Policy': directives.join('; ') }
    this.#files = entries.map((entry) => ({ ...entry, file: once(entry.read) }))
    this.#router = once(() => routerOf(this.#files, all))
  }

  /**
   * Compiled on the first request, or when all files are read: fifty paths are a twentieth of the time to the
   * first answer.
   */
  readonly routes: RequestHandler = (request, response, next) => this.#router()(request, response, next)

  /**
   * Reads all files that were not requested yet, so that they are in memory even if the process later runs
   * out of descriptors. A file that cannot be read now is tried again on request.
   */
  readAll(): void {
    this.#router()
    for (const { file } of this.#files) {
      try {
        file()
      } catch {
        // The error is not lost: a request for the file reports it.
      }
    }
  }
}

type PageFileEntry = PageEntry & { readonly file: () => PageFile }

function routerOf(files: readonly PageFileEntry[], headers: Readonly<Record<string, string>>): Router {
  const router = Router({ caseSensitive: true })
  for (const { paths, keeping, status = 200, file, adapt } of files) {
    router
      .route([...paths])
      .get((request, response) => {
        response.status(status).set(headers)
        sendFile(request, response, adapt?.(file(), request) ?? file(), CACHE_CONTROL[keeping])
      })
      .all(methodNotAllowed(METHODS))
  }
  return router
}

/** Every file of a folder and its subfolders, at its path under `at`; compressed forms belong to their files. */
export function folderEntries(folder: string, at: string, keepingOf: (path: string) => Keeping): PageEntry[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(isPageFileName)
    .map((name) => {
      const path = `${at}/${name.replaceAll('\\', '/')}`
      return { paths: [path], keeping: keepingOf(path), read: () => readPageFile(join(folder, name)) }
    })
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
