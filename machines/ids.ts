declare const brand: unique symbol

type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/**
 * A session's public id: lower-case UUID v4. Created only where it is parsed or generated, never by a cast
 * elsewhere.
 */
export type SessionId = Brand<string, 'SessionId'>

/** A participant's public id: lower-case UUID v4. It identifies, it does not authenticate. */
export type UserId = Brand<string, 'UserId'>

/** SHA-256 of a participant's token, in base64url. Whoever has it cannot act as them. */
export type TokenDigest = Brand<string, 'TokenDigest'>

/** A round's id: lower-case UUID v4. */
export type RoundId = Brand<string, 'RoundId'>

/** A process that holds streams: one of several when sessions are served by many. */
export type NodeId = Brand<string, 'NodeId'>

/** How many commands and ticks a session has accepted. A whole number from 0. */
export type Revision = number

/** How many events a session has produced, which is the number of its latest one. A whole number from 0. */
export type Version = number

/** A point in time: milliseconds since 1970-01-01T00:00:00Z. Commands bring it; nothing here reads a clock. */
export type EpochMs = number

/** A story's id: lower-case UUID v4. */
export type StoryId = Brand<string, 'StoryId'>

/** A room's name: the link that a team pins to its calendar (contract section 10). */
export type Room = Brand<string, 'Room'>
