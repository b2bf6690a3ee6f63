import type { LogAck } from '../../platform/setting.js'
import { PROBE } from './keys.js'

/** How long to wait, in milliseconds; meanwhile the connection does nothing else. */
const WAIT_MS = 1_000

type Call = (...words: readonly string[]) => Promise<unknown>

/**
 * Whether everything this connection has written is where it must be: on enough replicas, or on disk. Asked
 * after every call that writes. `false`: not in time; it is written, but may yet be lost.
 * @param call - sends a command on that connection
 * @throws whatever the call throws
 */
export async function isKept(call: Call, ack: LogAck): Promise<boolean> {
  if (ack === 'written') return true
  // WAIT and WAITAOF cover only what this very connection has written, and it may be a new one.
  await call('SET', PROBE, '', 'PX', String(WAIT_MS))
  if (ack === 'fsynced') {
    const reply = await call('WAITAOF', '1', '0', String(WAIT_MS))
    return Array.isArray(reply) && Number(reply[0]) >= 1
  }
  const replicas = replicasOf(ack)
  return Number(await call('WAIT', String(replicas), String(WAIT_MS))) >= replicas
}

function replicasOf(ack: Exclude<LogAck, 'written' | 'fsynced'>): number {
  return Number(ack.slice(ack.indexOf(':') + 1))
}
