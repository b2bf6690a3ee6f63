import { type ChildProcess, spawn } from 'node:child_process'
import { ENTRY } from './built-server.js'

/** A command of the build as a separate process. */
export interface RunningCommand {
  readonly process: ChildProcess
  /** What it has written so far. */
  stdout(): string
  stderr(): string
  /** Resolves with its exit code; `null`: a signal ended it. */
  readonly exited: Promise<number | null>
  /** Resolves as soon as what it wrote to stdout matches. Rejects if it ends without that. */
  untilPrinted(pattern: RegExp): Promise<void>
}

export interface CommandOptions {
  readonly environment?: Record<string, string>
  /** Default: a folder without a `.env` file. */
  readonly folder?: string
  /** Runs it instead of `node ENTRY`: a program and its arguments before the command's own. */
  readonly within?: (command: string) => readonly [string, ...string[]]
}

/** Starts `magnapp` with these words and only the environment given. It is killed with the test process. */
export function startCommand(args: readonly string[], options: CommandOptions = {}): RunningCommand {
  const { environment, folder = __dirname, within } = options
  const words = [process.execPath, ENTRY, ...args]
  const [program, ...rest] = within === undefined ? words : within(words.map(quoted).join(' '))
  const child = spawn(program ?? '', rest, {
    env: { PATH: process.env['PATH'], ...environment },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killWithTests = () => child.kill('SIGKILL')
  process.once('exit', killWithTests)
  const written = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk) => {
      written[name] += chunk
    })
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', killWithTests)
      resolve(code)
    })
  })
  const untilPrinted = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (pattern.test(written.stdout)) resolve()
      }
      child.stdout.on('data', look)
      child.once('close', () => reject(new Error(`ended without ${pattern}: ${JSON.stringify(written)}`)))
      look()
    })
  return {
    process: child,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    exited,
    untilPrinted,
  }
}

export interface CommandResult {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `magnapp` to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const command = startCommand(args, options)
  const exitCode = await command.exited
  return { exitCode, stdout: command.stdout(), stderr: command.stderr() }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
