/** What the process of the honest team is told to do. */
export type HonestOrder = 'play' | 'end'

/** What the team saw between the two orders; milliseconds are those of the slowest. */
export interface HonestReport {
  requests: number
  events: number
  /** From sending a request to its whole answer. */
  requestMs: number
  /** From sending a command to its event on the last of three streams. */
  eventMs: number
  /** An exchange with a server that does nothing. */
  machineMs: number
  readonly faults: string[]
}
