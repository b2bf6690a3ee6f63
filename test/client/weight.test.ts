import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'

const ROOT = join(__dirname, '../..')
/** The library's share of a page's 60,000 bytes of script. */
const BYTES_MAX = 18_000

test('a page that bundles the client gets neither schemas nor charts, and few bytes', async () => {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['dist/src/client/client.js'],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    metafile: true,
  })
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs: used }) => Object.keys(used))
  const packages = inputs.flatMap((path) => /node_modules\/([^/]+)/.exec(path)?.[1] ?? [])
  expect(new Set(packages)).toEqual(new Set(['eventsource-parser']))
  expect(brotliCompressSync(outputFiles[0]?.contents ?? '').length).toBeLessThan(BYTES_MAX)
})
