import { hash } from 'node:crypto'
import { type SessionSnapshot, sessionMachine } from '../../machines/session/machine.js'

/**
 * A digest over all that a session is, hidden votes and deadlines included: two replicas with the same
 * one are the same. Not for clients; theirs is the checksum of the public state.
 * @returns SHA-256, in hex
 */
export function stateDigest(snapshot: SessionSnapshot): string {
  return hash('sha256', stateJson(snapshot))
}

/** All that a session is, as JSON with its members sorted by name. */
export function stateJson(snapshot: SessionSnapshot): string {
  return JSON.stringify(sessionMachine.getPersistedSnapshot(snapshot), sorted)
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, Reflect.get(value, name)]))
}
