import { build, type Plugin } from 'esbuild'

/** What a CommonJS bundle has instead of `import.meta.url`; and it is as strict as the modules in it. */
const MODULE_URL = 'moduleUrl'
const HEAD = `"use strict";const ${MODULE_URL}=require('node:url').pathToFileURL(__filename).href;`

/**
 * What Express loads for features that this server does not use: it reads bodies itself, and its query
 * parser is the simple one. With their character tables they are a third of the bundle.
 */
const UNUSED = /^(?:body-parser|qs)$/

const leaveOutUnused: Plugin = {
  name: 'leave out what is not used',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: UNUSED }, ({ path }) => ({ path, namespace: 'unused' }))
    onLoad({ filter: UNUSED, namespace: 'unused' }, () => ({ contents: 'module.exports = {}' }))
  },
}

/**
 * Puts the program and what it needs into one file, and what starts it into another, from the compiled
 * sources: to find and read some six hundred modules one by one is half of the time to the first
 * answer. Both are CommonJS, which Node.js starts faster than modules, and for which V8 has a code
 * cache. Names are kept, for stack traces and profiles.
 */
await build({
  entryPoints: { magnapp: 'dist/src/cli/magnapp.js', program: 'dist/src/cli/main.js' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // For development only: it is used where it is installed.
  external: ['pino-pretty'],
  plugins: [leaveOutUnused],
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
