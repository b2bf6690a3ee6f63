import type { Card } from '../../machines/card.js'
import type { AnyEnvelope } from '../wire/events.js'
import { isEnvelope } from './frame.js'

/** What tabs say to each other. */
export type TabMessage =
  /** From the tab with the stream: a frame from it; `isFirst`: the first of a connection. */
  | { readonly type: 'frame'; readonly frame: AnyEnvelope; readonly isFirst: boolean }
  | Line
  /** Asks whether some tab has the stream. */
  | { readonly type: 'who' }
  /** The stream is dead: something happened that it did not deliver. */
  | { readonly type: 'wake' }
  /** A card was chosen, at that time by this machine's clock; earlier choices no longer count. */
  | { readonly type: 'chose'; readonly at: number; readonly key: string }
  /** The hidden card that was cast at that time. */
  | { readonly type: 'laid'; readonly submittedAt: string; readonly card: Card }

/**
 * From the tab with the stream: its connection status. Sent when it changes, when something was received, and
 * on request.
 */
export interface Line {
  readonly type: 'line'
  readonly connection: 'streaming' | 'polling' | 'waiting'
  /** Whether the server expects the participant's heartbeats. */
  readonly isLeased: boolean
}

const CONNECTIONS: ReadonlySet<unknown> = new Set(['streaming', 'polling', 'waiting'])

/** Whether a value is a tab message: pages of another build may send anything. */
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
