import type { SessionSnapshot } from '../../machines/session/machine.js'
import type { Refusal } from '../../machines/session/refusal.js'
import type { After } from '../wire/events/record.js'

/** Why the runtime, not the session's rules, could not carry a command out. */
export type Fault = 'INTERNAL_SERVER_ERROR' | 'STATE_CORRUPTION'

/** What became of a command. */
export type Outcome =
  /** `before` and `after`: the states it found and left, whatever has happened since. */
  | { readonly type: 'done'; readonly before: SessionSnapshot; readonly after: After }
  /** It was carried out earlier, so it is not carried out again. */
  | { readonly type: 'repeated' }
  | { readonly type: 'refused'; readonly refusal: Refusal }
  | { readonly type: 'failed'; readonly fault: Fault; readonly error: unknown }
  /** The log did not place it in time, and can still do so only if the log could not be reached. */
  | { readonly type: 'unavailable' }
