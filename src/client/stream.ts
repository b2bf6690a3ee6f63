import { createParser } from 'eventsource-parser'
import { SleptError, WokenError } from './errors.js'
import type { FeedOptions, FeedState } from './feed-state.js'
import { parseEnvelope } from './frame.js'
import { request } from './http.js'
import { Pulse } from './pulse.js'
import { Watch } from './watch.js'

/** A stream that spoke for no longer than this had only its beginning let through by a proxy. */
const OPENING_MS = 1_000
/** A whole session of a thousand participants is a tenth of that. */
const FRAME_CHARACTERS_MAX = 4 * 1_024 * 1_024

/**
 * One connection by stream.
 * @returns how it ended: `held_back`: nothing comes through, or nothing but its beginning
 */
export async function stream(options: FeedOptions, feed: FeedState): Promise<'ended' | 'held_back'> {
  const { timing, heartbeatMs } = options
  const pulse = new Pulse()
  const watch = new Watch(options.signal, (hasHeard) =>
    hasHeard ? pulse.silenceMs(timing.silenceMs, heartbeatMs()) : timing.firstByteMs,
  )
  try {
    const response = await openStream(options, watch.signal)
    // Something else answers in the server's place, or this platform's `fetch` has no streams.
    if (!isStream(response)) return 'held_back'
    await read(response.body, { watch, pulse, options, feed })
    return 'ended'
  } catch (error) {
    const { aborted, reason } = watch.signal
    if (reason instanceof SleptError || reason instanceof WokenError) throw reason
    if (!aborted || options.signal.aborted) throw error
    return (watch.heardForMs ?? 0) < OPENING_MS ? 'held_back' : 'ended'
  } finally {
    watch.close()
  }
}

function openStream(
  { url, sessionId, token, fetcher, version }: FeedOptions,
  signal: AbortSignal,
): Promise<Response> {
  const last = version()
  const headers = { Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': String(last) }) }
  return request(`${url}/api/sse/${sessionId}`, { token, headers }, { fetcher, signal })
}

function isStream(response: Response): response is Response & { body: ReadableStream<Uint8Array> } {
  return (
    response.headers.get('content-type')?.startsWith('text/event-stream') === true && response.body !== null
  )
}

interface Reading {
  readonly watch: Watch
  readonly pulse: Pulse
  readonly options: FeedOptions
  readonly feed: FeedState
}

async function read(
  body: ReadableStream<Uint8Array>,
  { watch, pulse, options, feed }: Reading,
): Promise<void> {
  const texts: string[] = []
  const parser = createParser({
    maxBufferSize: FRAME_CHARACTERS_MAX,
    onEvent: ({ data }) => texts.push(data),
    // A frame without an end is treated as one that cannot be parsed.
    onError: ({ type }) => type === 'max-buffer-size-exceeded' && texts.push(''),
    onRetry: (ms) => {
      feed.setRetry(ms)
    },
    onComment: (text) => {
      pulse.read(text)
    },
  })
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let isFirst = true
  while (!feed.isOver) {
    const { done, value } = await reader.read()
    if (done) return
    watch.heard()
    options.waker.heard()
    options.onConnection('streaming')
    options.onFailure(null)
    parser.feed(decoder.decode(value, { stream: true }))
    const frames = texts.splice(0).map(parseEnvelope)
    await feed.take(frames, isFirst)
    isFirst &&= frames.length === 0
  }
}
