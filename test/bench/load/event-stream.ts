import { openConnection, type Way } from './connection.js'
import { requestBytes } from './http.js'

const LINE_FEED = 10

/** What a stream reports of its frames. */
export type OnFrames = (frames: number, bytes: number) => void

export interface EventStream {
  /** The Last-Event-ID that the stream began with. */
  openedAt: number
  /** Called for each read with event frames that ended in it. */
  onFrames: OnFrames
  close(): void
}

export interface StreamRequest extends Way {
  readonly sessionId: string
  readonly token: string
}

/** Opens a stream; resolves once the session's state, the first frame, has arrived. */
export async function openStream(request: StreamRequest): Promise<EventStream> {
  let text = ''
  const { stream, onText } = await subscribe(request)
  return new Promise((resolve) => {
    onText((chunk) => {
      text += chunk
      const state = text.indexOf('"connected"')
      if (state < 0 || text.indexOf('\n\n', state) < 0) return true
      stream.openedAt = Number(/\nid: (\d+)/.exec(text)?.[1])
      resolve(stream)
      return false
    })
  })
}

/** Opens a stream where another left off; resolves once this many events have come. */
export async function resumeStream(
  request: StreamRequest,
  after: number,
  events: number,
): Promise<EventStream> {
  let text = ''
  const { stream, onText } = await subscribe(request, after)
  return new Promise((resolve, reject) => {
    onText((chunk) => {
      text += chunk
      if (text.includes('state_sync_required')) reject(new Error('a reader was resynchronised'))
      if (text.split('\nid: ').length - 1 < events || !/\n\n(\r\n)?$/.test(text)) return true
      resolve(stream)
      return false
    })
  })
}

/**
 * A frame ends with an empty line and contains none, so frames are counted by their ends, whatever the
 * chunking, without looking inside them.
 */
async function subscribe({ sessionId, token, ...way }: StreamRequest, lastEventId?: number) {
  const connection = await openConnection(way)
  const stream: EventStream = {
    openedAt: 0,
    onFrames: () => {},
    close: () => connection.socket.resetAndDestroy(),
  }
  let endedInLineFeed = false
  const count = (inbox: Buffer, length: number) => {
    let frames = endedInLineFeed && inbox[0] === LINE_FEED ? 1 : 0
    for (let at = 1; at < length; at += 2) {
      if (inbox[at] !== LINE_FEED) continue
      if (inbox[at - 1] === LINE_FEED || (at + 1 < length && inbox[at + 1] === LINE_FEED)) frames += 1
    }
    endedInLineFeed = inbox[length - 1] === LINE_FEED && inbox[length - 2] !== LINE_FEED
    stream.onFrames(frames, length)
  }
  const onText = (take: (text: string) => boolean) => {
    connection.onBytes = (inbox, length) => {
      if (!take(inbox.toString('latin1', 0, length))) connection.onBytes = count
    }
  }
  const path = `/api/sse/${sessionId}`
  connection.socket.write(
    requestBytes('GET', path, lastEventId === undefined ? { token } : { token, lastEventId }),
  )
  return { stream, onText }
}
