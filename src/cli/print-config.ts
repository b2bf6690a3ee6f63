import { readConfig, SETTINGS } from '../platform/config.js'
import { readEnvironment } from '../platform/environment.js'
import { masked } from '../platform/masked.js'
import type { Setting } from '../platform/setting.js'

/**
 * `magnapp --print-config`: the configuration that the server would use, one `NAME=value` line each,
 * in the variable's own unit. Defaults are marked. The text is a valid `.env` file.
 * @throws {ConfigError} when the environment is not valid
 */
export function configText(): string {
  const environment = readEnvironment()
  const values = new Map<string, unknown>(Object.entries(readConfig(environment)))
  return Object.entries<Setting>(SETTINGS)
    .map(([name, { unitMs = 1 }]) => {
      const mark = environment[name]?.trim() ? '' : ' # default'
      return `${name}=${masked(textOf(values.get(name), unitMs))}${mark}`
    })
    .join('\n')
}

function textOf(value: unknown, unitMs: number): string {
  if (value === null || value === undefined) return ''
  // In a .env file a `#` outside quotes begins a comment.
  if (typeof value === 'string') return value.includes('#') ? `'${value}'` : value
  return typeof value === 'number' ? String(value / unitMs) : JSON.stringify(value)
}
