import { copyFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { openApi } from '../wire/openapi.js'

/*
 * tsx src/dev/page-files.ts: puts the pages' files into the build. The documentation consists of its own
 * page, the viewer's files and the API's description; each gets compressed forms at the best quality, since
 * nobody waits for them.
 */

const DOCS = 'dist/docs'
/** The page loads a tenth of the viewer's package; its licences are included. */
const VIEWER_FILES = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
]
const COMPRESSED: ReadonlySet<string> = new Set(['.css', '.html', '.js', '.json'])

const viewer = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
cpSync('src/http/pages/docs', DOCS, { recursive: true })
for (const name of VIEWER_FILES) copyFileSync(join(viewer, name), join(DOCS, name))
writeFileSync(join(DOCS, 'openapi.json'), JSON.stringify(openApi()))
compress(DOCS)

// The inspector's files never leave this machine, and stay uncompressed.
const inspector = 'src/dev/inspector/page'
for (const name of ['index.html', 'page.css'])
  copyFileSync(join(inspector, name), join('dist', inspector, name))

function compress(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!COMPRESSED.has(extname(name))) continue
    const bytes = readFileSync(join(folder, name))
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  }
}
