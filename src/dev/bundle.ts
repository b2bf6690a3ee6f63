import { build, type Plugin } from 'esbuild'

/** What bundled CommonJS asks Node for by `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

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
 * Puts the program and what it needs into one file a command, from the compiled sources: to find and
 * read some six hundred modules one by one is half of the time to the first answer. Names are kept, for
 * stack traces and profiles.
 */
await build({
  entryPoints: { magnapp: 'dist/src/cli/main.js' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  // For development only: it is used where it is installed.
  external: ['pino-pretty'],
  plugins: [leaveOutUnused],
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  banner: { js: REQUIRE },
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
})
