import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin, transformWithOxc } from 'vite'
import { EN } from './words/en.js'
import { EN_BESIDE } from './words/en-beside.js'

/** The API server under `npm run dev`. */
const SERVER = process.env['MAGNAPP_URL'] ?? 'http://localhost:8000'

/** The keys of all texts, in the order in which the page learns them. */
const KEYS = [...Object.keys(EN), ...Object.keys(EN_BESIDE)]

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const OUT = folder('../../dist/web')

/** Tells the worker which files make up this version of the page, and the version's name. */
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

/**
 * Turns a catalogue into data: only its texts, in the order of the English ones, which have the keys. As a
 * script it would be executed, and count among the page's scripts.
 */
const wordsAsData: Plugin = {
  name: 'words as data',
  enforce: 'pre',
  async load(id) {
    const [, file, tag] = /^(.*\/words\/([\w-]+)\.ts)\?texts$/.exec(id) ?? []
    if (file === undefined || tag === undefined) return null
    this.addWatchFile(file)
    const { code } = await transformWithOxc(readFileSync(file, 'utf8'), file)
    const exported = await import(`data:text/javascript,${encodeURIComponent(code)}`)
    const [words = {}] = Object.values<Record<string, unknown>>(exported)
    const keys = Object.keys(tag.endsWith('-beside') ? EN_BESIDE : EN)
    const source = JSON.stringify(keys.map((key) => words[key]))
    if (this.environment.mode === 'dev')
      return `export default 'data:application/json,${encodeURIComponent(source).replaceAll("'", '%27')}'`
    const asset = this.emitFile({ type: 'asset', name: `${tag}.json`, source })
    return `export default import.meta.ROLLUP_FILE_URL_${asset}`
  },
}

/** The long keys of texts, each with its short name in the build: `openATable` is `ad`. */
const SHORT = new Map(
  KEYS
    // A single word may also be something else.
    .filter((key) => /[A-Z]/.test(key))
    .map((key, index) => [key, String.fromCharCode(97 + index / 36) + (index % 36).toString(36)]),
)

/** Shortens the keys of texts, in the catalogue and wherever they are used, always as a complete literal. */
const shortWords: Plugin = {
  name: 'short words',
  apply: 'build',
  enforce: 'pre',
  transform(code, id) {
    if (!/\/src\/web\/.*\.tsx?$/.test(id)) return null
    const isCatalogue = /\/words\/en(-beside)?\.ts$/.test(id)
    const name = isCatalogue ? /^( {2})(\w+)(?=:)/gm : /(['"])(\w+)(?=\1)/g
    return code.replace(name, (whole, before: string, key: string) => {
      const short = SHORT.get(key)
      return short === undefined ? whole : before + short
    })
  },
}

/** Loads only the script of a chunk: all share one style sheet. */
const importPlainly: Plugin = {
  name: 'import plainly',
  enforce: 'pre',
  load: (id) =>
    id.endsWith('vite/preload-helper.js') ? 'export const __vitePreload = (load) => load()' : null,
}

/** Compresses once, at the best quality, what the server later sends as it is. */
const compressFiles: Plugin = {
  name: 'compress the files',
  apply: 'build',
  closeBundle() {
    const names = readdirSync(OUT, { recursive: true, encoding: 'utf8' })
    for (const name of names.filter((one) => /\.(css|html|js|json|svg|txt|webmanifest)$/.test(one))) {
      const file = join(OUT, name)
      const bytes = readFileSync(file)
      writeFileSync(`${file}.br`, brotliCompressSync(bytes))
      writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    }
  },
}

/**
 * The page that a team opens. One script, one style sheet, and separate files for whatever is only needed
 * later; nothing inline, so that the strictest policy holds.
 */
export default defineConfig({
  root: folder('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [wordsAsData, shortWords, importPlainly, nameFilesToWorker, compressFiles],
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
