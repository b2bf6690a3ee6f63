import type { Card } from '../../machines/card.js'
import type { AnyEnvelope } from '../wire/events.js'
import { isEnvelope } from './frame.js'

/** What tabs say to each other. */
export type TabMessage =
  /** By the one that has the stream: what came over it; `isFirst` of a connection. */
  | { readonly type: 'frame'; readonly frame: AnyEnvelope; readonly isFirst: boolean }
  | Line
  /** Is there one that has the stream? */
  | { readonly type: 'who' }
  /** The stream is dead: something happened that it did not tell. */
  | { readonly type: 'wake' }
  /** A card was chosen, at that time of this machine's clock; one that was chosen before counts no more. */
  | { readonly type: 'chose'; readonly at: number; readonly key: string }
  /** The hidden card that was laid at that time. */
  | { readonly type: 'laid'; readonly submittedAt: string; readonly card: Card }

/** By the one that has the stream: how its line is. Said when that changes, when it was heard, and when somebody asks. */
export interface Line {
  readonly type: 'line'
  readonly connection: 'streaming' | 'polling' | 'waiting'
  /** The server counts on the participant's heartbeats. */
  readonly isLeased: boolean
}

const CONNECTIONS: ReadonlySet<unknown> = new Set(['streaming', 'polling', 'waiting'])

/** Whether something is one: pages of another build may say anything. */
export function isTabMessage(value: unknown): value is TabMessage {
  if (typeof value !== 'object' || value === null) return false
  const message = new Map<string, unknown>(Object.entries(value))
  switch (message.get('type')) {
    case 'frame':
      return isEnvelope(message.get('frame')) && typeof message.get('isFirst') === 'boolean'
    case 'line':
      return CONNECTIONS.has(message.get('connection')) && typeof message.get('isLeased') === 'boolean'
    case 'who':
    case 'wake':
      return true
    case 'chose':
      return typeof message.get('at') === 'number' && typeof message.get('key') === 'string'
    case 'laid':
      return typeof message.get('submittedAt') === 'string' && typeof message.get('card') === 'string'
    default:
      return false
  }
}
