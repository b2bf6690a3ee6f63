import type { LogAck } from '../../platform/setting.js'
import { PROBE } from './keys.js'

/** How long it is waited for, in milliseconds: meanwhile the connection does nothing else. */
const WAIT_MS = 1_000

type Call = (...words: readonly string[]) => Promise<unknown>

/** Redis 7.2 and Valkey can say that something is on the disk. */
export const FSYNCED_SINCE = '7.2'

/**
 * Whether all that this connection has written is where it must be: at so many replicas, or on the disk. Asked
 * after every call that writes. `false`: not in time; it is written, and may yet be lost.
 * @param call - asks on that connection
 * @throws as the call
 */
export async function isKept(call: Call, ack: LogAck): Promise<boolean> {
  if (ack === 'written') return true
  // Both are about what this very connection has written, and it may be a new one.
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
