import type { SessionHost } from './session-host.js'

/** How many sessions are handled in one turn of the event loop. */
const AT_ONCE_MAX = 100

/** Does something to sessions, a part of them per turn, so that no turn is long because there are many. */
export function inTurns(hosts: SessionHost[], work: (host: SessionHost) => void): void {
  for (const host of hosts.splice(0, AT_ONCE_MAX)) work(host)
  if (hosts.length > 0) setImmediate(() => inTurns(hosts, work))
}
