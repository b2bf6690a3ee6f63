import { readConfig } from '../platform/config.js'
import { readEnvironment } from '../platform/environment.js'
import { UsageError } from './exit.js'

/** Where to reach a server that listens on all addresses. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * The URL of the server that this environment describes.
 * @throws {ConfigError} when the environment is not valid
 * @throws {UsageError} when only the running server knows its port
 */
export function ownUrl(): string {
  const environment = readEnvironment()
  const { HOST, PORT } = readConfig(environment)
  const scheme = environment['SSL_CERTFILE']?.trim() ? 'https' : 'http'
  if (PORT === 0)
    throw new UsageError('PORT is 0, which means any free port; say with --url where the server is')
  const host = LOOPBACK[HOST] ?? HOST
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${PORT}`
}
