import { spawn } from 'node:child_process'
import { join } from 'node:path'

const ENTRY = join(import.meta.dirname, '../../../dist/magnapp.cjs')

/** Starts the build on a free port; it ends with this process. */
export async function startServer(environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [ENTRY], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const port = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
      const [, ready] = /"port":(\d+)[^\n]*"msg":"ready"/.exec(output) ?? []
      if (ready !== undefined) resolve(ready)
    })
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}: ${output}`)))
  })
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill('SIGTERM') }
}
