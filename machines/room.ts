export const ROOM_LENGTH_MIN = 2
export const ROOM_LENGTH_MAX = 40

/** Lower-case letters, digits, and dashes between them (contract section 10). */
export const ROOM_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])$/
