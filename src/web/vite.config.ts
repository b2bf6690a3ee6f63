import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Where `npm run dev` has the server, whose API the page asks. */
const SERVER = process.env['MAGNAPP_URL'] ?? 'http://localhost:8000'

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const OUT = folder('../../dist/web')

/** Tells the worker which files make up this version of the page, and what to call it. */
const nameFilesToWorker: Plugin = {
  name: 'name the files to the worker',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const worker = bundle['sw.js']
    const shell = bundle['index.html']
    if (worker?.type !== 'chunk' || shell?.type !== 'asset')
      throw new Error('the page has no worker or no document')
    const files = Object.keys(bundle)
      .filter((name) => name.startsWith('assets/'))
      .sort()
    const build = createHash('sha256').update(shell.source).update(files.join()).digest('hex').slice(0, 16)
    worker.code = worker.code
      .replaceAll('PAGE_FILES', JSON.stringify(files.map((name) => `/${name}`)))
      .replaceAll('PAGE_BUILD', JSON.stringify(build))
  },
}

/** Compresses as well as can be, once, what the server then sends as it is. */
const compressFiles: Plugin = {
  name: 'compress the files',
  apply: 'build',
  closeBundle() {
    const names = readdirSync(OUT, { recursive: true, encoding: 'utf8' })
    for (const name of names.filter((one) => /\.(css|html|js|svg|txt|webmanifest)$/.test(one))) {
      const file = join(OUT, name)
      const bytes = readFileSync(file)
      writeFileSync(`${file}.br`, brotliCompressSync(bytes))
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    }
  },
}

/**
 * The page a team opens. One script, one style sheet, and what is only needed later in files of its
 * own; nothing inline, so that the strictest policy holds.
 */
export default defineConfig({
  root: folder('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [nameFilesToWorker, compressFiles],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    target: 'baseline-widely-available',
    reportCompressedSize: false,
    rolldownOptions: {
      input: { page: folder('index.html'), sw: folder('worker/sw.ts') },
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': SERVER, '/health': SERVER },
  },
})
