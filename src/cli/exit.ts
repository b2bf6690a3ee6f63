/** How the process ends. `usage` and `config` are EX_USAGE and EX_CONFIG of sysexits.h. */
export const EXIT = { ok: 0, fault: 1, usage: 64, config: 78 } as const

/** The command line is not valid; `message` says what to change. Exits with {@link EXIT.usage}. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command was understood but failed; `message` is for the user. Exits with {@link EXIT.fault}. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}
