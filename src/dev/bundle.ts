import { build } from 'esbuild'

/** What bundled CommonJS asks Node for by `require`, which a module does not have. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

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
