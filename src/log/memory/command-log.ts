import type { NodeId } from '../../../machines/ids.js'
import { SEMANTICS } from '../../../machines/session/semantics.js'
import type { CommandLog } from '../../runtime/command-log.js'

/** The only one there is. */
const NODE = 'memory' as NodeId

/** The embedded default: a command has its place at once, and everything is gone with the process. */
export const memoryLog: CommandLog = {
  node: NODE,
  isDurable: false,
  isAvailable: true,
  nodes: new Set([NODE]),
  semantics: SEMANTICS.max,
  watch: () => {},
  create: ({ birth }, placed) => placed({ type: 'placed', birth, active: null }),
  follow: (_id, follower) => ({
    propose: (command, settled) => settled(follower.apply(command, undefined, true)),
    catchUp: (then) => then(true),
  }),
  end: () => {},
  unlist: async () => {},
  known: async () => ({ live: [], ended: [] }),
  inRoom: async () => null,
  load: async () => false,
  confirm: (then) => then(true),
  letGo: () => {},
  close: async () => {},
}
