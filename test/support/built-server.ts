import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** The build's entry: what `bin.magnapp` names. */
export const ENTRY = join(__dirname, '../../dist/magnapp.cjs')
/** It is ready in a second; a busy machine takes its time. */
const READY_MS_MAX = 30_000

/** The built server as a process of its own, on a free port. */
export interface BuiltServer {
  readonly url: string
  readonly process: ChildProcess
  /** Everything that it has written. */
  output(): string
  /** @returns the exit code; `null` when a signal ended it */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts the build as `npm start` does, with no environment but what is given. It is killed with
 * the test process.
 */
export async function startBuiltServer(
  environment: Record<string, string> = {},
  args: readonly string[] = [],
  entry = ENTRY,
): Promise<BuiltServer> {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env['PATH'], PORT: '0', HOST: '127.0.0.1', ...environment },
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const killWithTests = () => child.kill('SIGKILL')
  process.once('exit', killWithTests)
  const port = await new Promise<number>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`not ready: ${output}`)), READY_MS_MAX)
    child.stdout.on('data', () => {
      const ready = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output)
      if (ready === null) return
      clearTimeout(limit)
      resolve(Number(ready[1]))
    })
    child.once('exit', (code) => reject(new Error(`exited with ${code}: ${output}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    process: child,
    output: () => output,
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal)
      const code = await exited
      process.off('exit', killWithTests)
      return code
    },
  }
}
