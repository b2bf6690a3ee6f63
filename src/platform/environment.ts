import { existsSync } from 'node:fs'
import { ConfigError } from './config-error.js'

const FILE = '.env'

/**
 * The process's environment with the `.env` file of the working directory, if there is one, taken
 * into it. A variable that is set already wins over the file.
 * @throws {ConfigError} when there is such a file and it cannot be read
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
