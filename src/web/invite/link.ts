/** Hosts that mean the device itself: a phone that follows them would contact itself. */
const OWN_HOSTS = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|0\.0\.0\.0)$|\.localhost$/

/**
 * The link for others: under the address set by the operator, otherwise the one that this page was opened
 * with, or the machine's own network address, which the server puts into the document.
 */
export function inviteLink(sessionId: string, room: string | null): string {
  const path = room === null ? `/s/${sessionId}` : `/r/${room}`
  return originForOthers() + path
}

/** A room's link in spoken form; `null`: there is no room. */
export function roomLink(room: string | null): string | null {
  return room === null ? null : inviteLink('', room).replace(/^https?:\/\//, '')
}

/** The link for taking over one's own seat. The code is behind `#`, so no server log contains it. */
export function seatLink(sessionId: string, code: string): string {
  return `${inviteLink(sessionId, null)}#seat=${code}`
}

/** Whether another device could follow a link. */
export function isReachable(link: string): boolean {
  return !OWN_HOSTS.test(new URL(link).hostname)
}

function originForOthers(): string {
  const told = document.querySelector<HTMLMetaElement>('meta[name="magnapp-origin"]')?.content ?? ''
  return URL.canParse(told) ? told.replace(/\/$/, '') : location.origin
}
