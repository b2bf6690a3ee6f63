import { build, type Plugin } from 'esbuild'

/** What a CommonJS bundle has instead of `import.meta.url`; and it is as strict as the modules in it. */
const MODULE_URL = 'moduleUrl'
const HEAD = `"use strict";const ${MODULE_URL}=require('node:url').pathToFileURL(__filename).href;`

/** Types that answers have; the list of all there are is a tenth of the bundle. */
const MEDIA_TYPES = {
  'application/json': { charset: 'UTF-8', extensions: ['json'] },
  'application/octet-stream': { extensions: ['bin'] },
  'text/csv': { extensions: ['csv'] },
  'text/html': { extensions: ['html'] },
  'text/markdown': { extensions: ['md'] },
  'text/plain': { extensions: ['txt'] },
}

/**
 * What libraries load for features that this server does not use, and what stands in for it: it reads
 * bodies itself, its query parser is the simple one, its log is pino's, and its figures carry no traces.
 * With their tables they are a third of the bundle, and all of them time at the start.
 */
const UNUSED: Readonly<Record<string, string>> = {
  'body-parser': 'module.exports = {}',
  qs: 'module.exports = {}',
  debug: 'module.exports = () => Object.assign(() => {}, { enabled: false })',
  'mime-db': `module.exports = ${JSON.stringify(MEDIA_TYPES)}`,
  '@opentelemetry/api': 'module.exports = {}',
}

const leaveOutUnused: Plugin = {
  name: 'leave out what is not used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: new RegExp(`^(${Object.keys(UNUSED).join('|')})$`) }, ({ path }) => ({
      path,
      namespace: 'unused',
    }))
    onLoad({ filter: /./, namespace: 'unused' }, ({ path }) => ({ contents: UNUSED[path] ?? '' }))
  },
}

const REDIS_CLIENT = 'redis-client'

/** The library that only a command log on Redis needs has a file of its own: elsewhere nobody reads it. */
const redisApart: Plugin = {
  name: 'Redis apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@redis\/client$/ }, ({ kind }) =>
      kind === 'entry-point' ? null : { path: `./${REDIS_CLIENT}.cjs`, external: true },
    )
  },
}

/**
 * Puts the program and what it needs into one file, and what starts it into another, from the compiled
 * sources: to find and read some six hundred modules one by one is half of the time to the first
 * answer. Both are CommonJS, which Node.js starts faster than modules, and for which V8 has a code
 * cache. Names are kept, for stack traces and profiles.
 */
await build({
  entryPoints: {
    magnapp: 'dist/src/cli/magnapp.js',
    program: 'dist/src/cli/main.js',
    [REDIS_CLIENT]: '@redis/client',
  },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // For development only: it is used where it is installed.
  external: ['pino-pretty'],
  plugins: [leaveOutUnused, redisApart],
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Node.js cannot import from a script that came out of a code cache; it requires instead.
  supported: { 'dynamic-import': false },
  banner: { js: HEAD },
  define: { 'import.meta.url': MODULE_URL },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
})
