import { ConfigError } from '../platform/config-error.js'
import { readCommandLine } from './command-line.js'
import { COMMANDS } from './commands.js'
import { CommandError, EXIT, UsageError } from './exit.js'

run(process.argv.slice(2)).then(
  (exitCode) => {
    if (exitCode !== undefined) process.exitCode = exitCode
  },
  (error) => {
    process.exitCode = reported(error)
  },
)

/** The program: arguments in, exit code out; nothing if the process keeps running. */
async function run(args: readonly string[]): Promise<number | undefined> {
  const request = readCommandLine(args)
  // The server's log goes past process.stdout, which takes milliseconds to make.
  if (request.kind !== 'run' || request.command !== COMMANDS['serve']) endWithReader()
  switch (request.kind) {
    case 'help':
      return print((await import('./help.js')).helpText())
    case 'version':
      return print((await import('../platform/version.js')).VERSION)
    case 'print-config':
      return print((await import('./print-config.js')).configText())
    case 'run':
      return request.command.run(request.input)
  }
}

/** The reader of the output has closed it, as `head` does, or the terminal is gone. */
function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') process.exit()
    throw error
  })
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return EXIT.ok
}

/** Prints on stderr why the program failed. Unexpected errors are rethrown. */
function reported(error: unknown): number {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.faults.join('\n')}\n`)
    return EXIT.config
  }
  if (error instanceof UsageError) {
    process.stderr.write(`magnapp: ${error.message}\nTry: magnapp --help\n`)
    return EXIT.usage
  }
  if (error instanceof CommandError) {
    process.stderr.write(`magnapp: ${error.message}\n`)
    return EXIT.fault
  }
  throw error
}
