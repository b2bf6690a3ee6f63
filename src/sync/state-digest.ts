import { hash } from 'node:crypto'
import { type SessionSnapshot, sessionMachine } from '../../machines/session/machine.js'

/**
 * A digest of a session's entire state, including hidden votes and deadlines: two replicas are equal if their
 * digests are. Not for clients, which use the checksum of the public state.
 * @returns SHA-256, in hex
 */
export function stateDigest(snapshot: SessionSnapshot): string {
  return hash('sha256', stateJson(snapshot))
}

/** A session's entire state as JSON with members sorted by name. */
export function stateJson(snapshot: SessionSnapshot): string {
  return JSON.stringify(sessionMachine.getPersistedSnapshot(snapshot), sorted)
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, Reflect.get(value, name)]))
}
