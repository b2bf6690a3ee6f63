/** The environment cannot be used; `faults` has one line each, with no secret in it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`the configuration is not valid:\n${faults.join('\n')}`)
    this.faults = faults
  }
}
