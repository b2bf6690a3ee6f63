import { readConfig } from '../platform/config.js'
import { readEnvironment } from '../platform/environment.js'
import { UsageError } from './exit.js'

/** A server that listens everywhere is reached here. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/**
 * Where the server listens that this environment describes.
 * @throws {ConfigError} when it describes none
 * @throws {UsageError} when its port is one that only the running server knows
 */
export function ownUrl(): string {
  const environment = readEnvironment()
  const { HOST, PORT } = readConfig(environment)
  const scheme = environment['SSL_CERTFILE']?.trim() ? 'https' : 'http'
  if (PORT === 0) throw new UsageError('PORT is 0, any free port: say with --url where the server is')
  const host = LOOPBACK[HOST] ?? HOST
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${PORT}`
}
