import { SETTINGS } from '../platform/config.js'
import type { Setting } from '../platform/setting.js'

const settings = Object.entries<Setting>(SETTINGS)

/** Every environment variable as a row of a Markdown table. */
export function settingsTable(): string {
  const rows = settings.map(([name, { fallback, allowed, meaning }]) => {
    const value = fallback === '' ? 'unset' : `\`${fallback}\``
    return `| \`${name}\` | ${value} | ${meaning} | ${allowed} |`
  })
  return ['| variable | default | meaning | may hold |', '|---|---|---|---|', ...rows].join('\n')
}

/** Every environment variable with its default as a `.env` file, all of it commented out. */
export function environmentExample(): string {
  const entries = settings.map(([name, { fallback, allowed, meaning }]) =>
    [`# ${meaning.replaceAll('`', '')}`, `# may hold ${allowed}`, `#${name}=${fallback}`].join('\n'),
  )
  return [HEADER, ...entries].join('\n\n').concat('\n')
}

const HEADER = `# Every setting of MagnaPP with its default. Copy this file to .env beside where the server starts,
# and take the # off the lines that you change. A value that is not valid stops the start with a line
# that says why; \`magnapp --print-config\` tells what the server would take. Generated: npm run generate`
