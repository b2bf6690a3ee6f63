/** The environment is not valid; `faults` has one line per fault, without secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`the configuration is not valid:\n${faults.join('\n')}`)
    this.faults = faults
  }
}
