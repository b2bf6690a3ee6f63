import type { Frame } from '../frames.js'

const RETRY_MS_FIRST = 500
const RETRY_MS_MAX = 8_000

export interface ConnectionListener {
  /** Connected: the roster follows, and replaces everything known. */
  opened(): void
  frame(frame: Frame): void
  closed(): void
}

/** Follows the inspector's socket, and reconnects whenever it closes. */
export function connect(listener: ConnectionListener, retryMs = RETRY_MS_FIRST): void {
  let nextRetryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
  const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(`${protocol}//${location.host}/inspect/socket`)
  socket.addEventListener('open', () => {
    nextRetryMs = RETRY_MS_FIRST
    listener.opened()
  })
  socket.addEventListener('message', ({ data }) => listener.frame(JSON.parse(String(data))))
  socket.addEventListener('close', () => {
    listener.closed()
    setTimeout(() => connect(listener, nextRetryMs), retryMs)
  })
}
