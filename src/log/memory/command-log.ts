import type { CommandLog } from '../../runtime/command-log.js'

/** The embedded default: a command has its place at once, and is gone with the process. */
export const memoryLog: CommandLog = {
  isDurable: false,
  isAvailable: true,
  create: (birth, placed) => placed(birth),
  follow: (_id, follower) => ({
    propose: (command, settled) => settled(follower.apply(command)),
  }),
  end: () => {},
  known: async () => ({ live: [], ended: [] }),
  load: async () => false,
  close: async () => {},
}
