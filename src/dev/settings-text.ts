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

const HEADER = `# Every setting of MagnaPP with its default. Copy this file to .env in the server's working directory
# and uncomment the lines that you change. The server refuses to start on an invalid value and says why;
# \`magnapp --print-config\` prints the configuration it would use. Generated: npm run generate`
