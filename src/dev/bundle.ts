import { build, type Plugin } from 'esbuild'

/** The replacement for `import.meta.url` in a CommonJS bundle, and strict mode as in modules. */
const MODULE_URL = 'moduleUrl'
const HEAD = `"use strict";const ${MODULE_URL}=require('node:url').pathToFileURL(__filename).href;`

/** The media types in use; the full list is a tenth of the bundle. */
const MEDIA_TYPES = {
  'application/json': { charset: 'UTF-8', extensions: ['json'] },
  'application/octet-stream': { extensions: ['bin'] },
  'text/csv': { extensions: ['csv'] },
  'text/html': { extensions: ['html'] },
  'text/markdown': { extensions: ['md'] },
  'text/plain': { extensions: ['txt'] },
}

/**
 * Modules that libraries load for features this server does not use, and their replacements: it reads bodies
 * itself, uses the simple query parser and pino's log, and its metrics carry no traces. With their tables
 * they are a third of the bundle, and all of them cost start time.
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

/** The Redis client is needed only with a command log, so it has its own file that is otherwise not read. */
const redisApart: Plugin = {
  name: 'Redis apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^@redis\/client$/ }, ({ kind }) =>
      kind === 'entry-point' ? null : { path: `./${REDIS_CLIENT}.cjs`, external: true },
    )
  },
}

/**
 * Bundles the compiled program and its dependencies into one file, and its launcher into another: finding and
 * reading some six hundred modules one by one is half of the time to the first answer. Both are CommonJS,
 * which Node.js starts faster than modules and for which V8 has a code cache. Names are kept, for stack
 * traces and profiles.
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
  // For development only: used if it is installed.
  external: ['pino-pretty'],
  plugins: [leaveOutUnused, redisApart],
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Node.js cannot use `import()` in a script from a code cache, so it uses `require`.
  supported: { 'dynamic-import': false },
  banner: { js: HEAD },
  define: { 'import.meta.url': MODULE_URL },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
})
