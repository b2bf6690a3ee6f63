import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Router } from 'express'
import { PACKAGE_FOLDER } from '../../platform/version.js'

/** Where the build puts the page, and where the drawings are kept. */
const PAGE_FOLDER = join(PACKAGE_FOLDER, 'dist/src/dev/inspector/page')
const DRAWINGS_FOLDER = join(PACKAGE_FOLDER, 'docs/statecharts')

const DRAWINGS = ['session', 'presence', 'supervisor'] as const
const SCRIPTS = [
  'main',
  'actors',
  'chart',
  'connection',
  'elements',
  'log',
  'panels',
  'tree',
  'words',
] as const

/** Its own files and its own socket, nothing else; no inline script, no inline style. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The page, its files and the statecharts' drawings, under `/inspect`. */
export function pageRoutes(): Router {
  const router = Router()
  router.use('/inspect', (_request, response, next) => {
    response.set(HEADERS)
    next()
  })
  const files = new Map([
    ['/inspect', join(PAGE_FOLDER, 'index.html')],
    ['/inspect/page.css', join(PAGE_FOLDER, 'page.css')],
    ...SCRIPTS.map((name) => [`/inspect/${name}.js`, join(PAGE_FOLDER, `${name}.js`)] as const),
  ])
  for (const [path, file] of files) {
    router.get(path, (_request, response, next) => {
      response.sendFile(file, (error) => {
        if (error !== undefined && error !== null) next()
      })
    })
  }
  for (const id of DRAWINGS) {
    router.get(`/inspect/charts/${id}.svg`, async (_request, response) => {
      response.type('svg').send(await drawing(id))
    })
  }
  return router
}

/** Without its own style: the page has one for it, and allows no other. */
async function drawing(id: (typeof DRAWINGS)[number]): Promise<string> {
  const text = await readFile(join(DRAWINGS_FOLDER, `${id}.svg`), 'utf8')
  return text.replace(/<style>[^<]*<\/style>\n/, '')
}
