import type { CommandLog } from '../../runtime/command-log.js'

/** The embedded default: a command has its place at once, and is gone with the process. */
export const memoryLog: CommandLog = {
  follow: (_id, apply) => ({
    propose: (command, settled) => settled(apply(command)),
  }),
}
