/**
 * A session's status, under its name on the wire; every state of the chart that a session can rest in carries
 * it as its tag.
 */
export const SESSION_STATUSES = [
  'waiting',
  'voting',
  'revealing',
  'results',
  'paused',
  'grace_period',
  'ended',
] as const

export type SessionStatus = (typeof SESSION_STATUSES)[number]
