import { existsSync } from 'node:fs'
import { ConfigError } from './config-error.js'

const FILE = '.env'

/**
 * The process's environment, extended by the `.env` file in the working directory, if there is one. Variables
 * that are already set take precedence.
 * @throws {ConfigError} when the file exists but cannot be read
 */
export function readEnvironment(): NodeJS.ProcessEnv {
  if (existsSync(FILE)) {
    try {
      process.loadEnvFile(FILE)
    } catch (error) {
      throw new ConfigError([`${FILE} cannot be read: ${error instanceof Error ? error.message : error}`])
    }
  }
  return process.env
}
