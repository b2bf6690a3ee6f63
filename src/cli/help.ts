import { SETTINGS } from '../platform/config.js'
import { COMMANDS } from './commands.js'

/** `magnapp --help`: commands, options, exit codes, and every environment variable with its default. */
export function helpText(): string {
  return [
    'magnapp: planning poker in real time',
    '',
    'Commands',
    ...columns(
      Object.entries(COMMANDS).map(([name, { words, options, summary }]) => [
        [name, ...words, ...options.map((option) => `[--${option} ${option.toUpperCase()}]`)].join(' '),
        summary,
      ]),
    ),
    '',
    'Options',
    ...columns([
      ['-h, --help', 'this text'],
      ['-v, --version', 'the version'],
      ['--print-config', 'print the configuration that the server would use, then exit'],
      ['--url URL', 'where the server is; by default, as the environment says'],
      [
        '--token TOKEN',
        "a participant's secret: watch as them (MAGNAPP_TOKEN keeps it out of process lists)",
      ],
    ]),
    '',
    'Exit codes',
    ...columns([
      ['0', 'done; the watched session has ended; the server is ready, or was asked to stop'],
      ['1', 'it failed; the server is not ready or not reachable'],
      ['64', 'the command line is not valid'],
      ['78', 'the configuration is not valid; one line on stderr for each fault'],
      ['130, 143', 'watch was ended by SIGINT, SIGTERM'],
    ]),
    '',
    'Environment, and the .env file in the working directory',
    ...columns(
      Object.entries(SETTINGS).map(([name, { fallback, meaning }]) => [
        name,
        `${meaning.replaceAll('`', '')} (${fallback === '' ? 'unset' : fallback})`,
      ]),
    ),
  ].join('\n')
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
