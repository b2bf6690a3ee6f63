/** Hosts that mean this very machine: a phone that reads them would ask itself. */
const OWN_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$|\.localhost$/

/**
 * Where others reach a table: under the address that the operator has set, else the one that this page
 * was opened with, else the machine's own in its network, which the server puts into the document.
 */
export function inviteLink(sessionId: string, room: string | null): string {
  const path = room === null ? `/s/${sessionId}` : `/r/${room}`
  return originForOthers() + path
}

/** A room's link as one reads it out; `null`: there is no room. */
export function roomLink(room: string | null): string | null {
  return room === null ? null : inviteLink('', room).replace(/^https?:\/\//, '')
}

/** Where one goes on in one's own seat. The code is behind `#`: no server's log has it. */
export function seatLink(sessionId: string, code: string): string {
  return `${inviteLink(sessionId, null)}#seat=${code}`
}

/** Whether somebody at another machine could follow a link. */
export function isReachable(link: string): boolean {
  return !OWN_HOSTS.test(new URL(link).hostname)
}

function originForOthers(): string {
  const told = document.querySelector<HTMLMetaElement>('meta[name="magnapp-origin"]')?.content ?? ''
  return URL.canParse(told) ? told.replace(/\/$/, '') : location.origin
}
