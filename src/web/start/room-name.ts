/** What the server takes as a room's name (contract section 10). */
const ROOM = /^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/

/**
 * The room that somebody means: in small letters, with dashes for what a link cannot have.
 * @returns `null`: none, or too short or too long for one
 */
export function roomOf(text: string): string | null {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
  return ROOM.test(plain) ? plain : null
}
