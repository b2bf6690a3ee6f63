import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The part of Node.js's V8 coverage report that is read here. */
interface Coverage {
  readonly result: readonly {
    readonly url: string
    readonly functions: readonly {
      readonly functionName: string
      readonly ranges: readonly { readonly count: number }[]
    }[]
  }[]
}

/**
 * The modules of the bundle that a process of the build runs, by path: each is a function of that name in
 * the bundle, and V8's coverage counts its calls.
 * @param run - starts the process with this environment, and waits for its end
 */
export async function modulesRun(
  run: (environment: Record<string, string>) => Promise<unknown>,
): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'coverage-'))
  await run({ NODE_V8_COVERAGE: folder, PORT: '0' })
  const reports = readdirSync(folder).map(
    (name): Coverage => JSON.parse(readFileSync(join(folder, name), 'utf8')),
  )
  rmSync(folder, { recursive: true })
  return reports
    .flatMap(({ result }) => result)
    .filter(({ url }) => url.endsWith('/dist/program.cjs'))
    .flatMap(({ functions }) => functions)
    .filter(({ functionName, ranges: [whole] }) => functionName.includes('/') && (whole?.count ?? 0) > 0)
    .map(({ functionName }) => functionName)
}
