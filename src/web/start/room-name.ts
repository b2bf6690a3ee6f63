/** What the server accepts as a room's name (contract section 10). */
const ROOM = /^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/

/**
 * Normalises a room's name: lower case, with dashes for characters that a link cannot have.
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
