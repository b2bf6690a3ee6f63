import { createParser } from 'eventsource-parser'
import type { AnyEnvelope } from '../wire/events.js'
import { MagnaPPError } from './errors.js'
import { request, requestJson } from './http.js'
import { backoffMs, pause } from './pause.js'

/** How the feed waits and gives up. All in milliseconds. */
export interface FeedTiming {
  /** A stream whose first byte has not come by then is held back by a proxy: poll instead. Default 5 s. */
  readonly firstByteMs: number
  /** A stream that says nothing for this long (heartbeats included) is dead. Default 45 s, three heartbeats. */
  readonly silenceMs: number
  /** The first wait after a failure, before the server's `retry` says otherwise. Default 1 s. */
  readonly retryMs: number
  /** The longest wait. Default 30 s. */
  readonly retryMaxMs: number
  /** How long to poll before a stream is tried again. Default 5 min. */
  readonly pollingMs: number
}

export const DEFAULT_TIMING: FeedTiming = {
  firstByteMs: 5_000,
  silenceMs: 45_000,
  retryMs: 1_000,
  retryMaxMs: 30_000,
  pollingMs: 300_000,
}

export interface FeedOptions {
  readonly url: string
  readonly sessionId: string
  readonly token: string | null
  readonly timing: FeedTiming
  readonly fetcher: typeof fetch
  readonly signal: AbortSignal
  /** The version that the reader has; asked before every connection. `null`: none. */
  readonly version: () => number | null
  /** Takes one frame; the next one waits for it. */
  readonly onFrame: (envelope: AnyEnvelope) => Promise<void>
  /** The session is over, and its last event was missed. */
  readonly onGone: () => void
  readonly onConnection: (connection: 'streaming' | 'polling' | 'waiting') => void
}

const POLL_WAIT_SECONDS = 20
/** A timer this late means that the machine slept. */
const SLEPT_MS = 10_000
const WATCH_MS = 1_000

/** Answers after which trying again is pointless: the session is over, or the reader may not read it. */
const FINAL_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 410, 422])

/**
 * Follows a session until it ends, is aborted, or the server says that it never will: by stream,
 * and by long poll while a stream stays silent. Comes back after every failure.
 * @throws {MagnaPPError} when trying again is pointless
 */
export async function follow(options: FeedOptions): Promise<void> {
  const { signal, timing, onConnection } = options
  const feed = { attempt: 0, retryMs: timing.retryMs, isOver: false }
  while (!signal.aborted && !feed.isOver) {
    let waitMs: number | null = null
    try {
      if ((await stream(options, feed)) === 'silent') await poll(options, feed)
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof MagnaPPError && error.problem?.context['expired'] === true) return options.onGone()
      if (error instanceof MagnaPPError && FINAL_STATUSES.has(error.status)) throw error
      if (error instanceof MagnaPPError && error.retryAfterSeconds !== null)
        waitMs = error.retryAfterSeconds * 1_000
    }
    if (signal.aborted || feed.isOver) return
    onConnection('waiting')
    await pause(waitMs ?? backoffMs(feed.attempt, feed.retryMs, timing.retryMaxMs), signal)
    feed.attempt += 1
  }
}

interface FeedState {
  /** Connections that brought nothing, in a row. */
  attempt: number
  retryMs: number
  isOver: boolean
}

/** One connection. @returns why it ended: `silent`, nothing ever came over it */
async function stream(options: FeedOptions, feed: FeedState): Promise<'ended' | 'silent'> {
  const { url, sessionId, token, timing, fetcher, version, onConnection } = options
  const connection = new Watch(options.signal, timing)
  try {
    const last = version()
    const response = await request(
      `${url}/api/sse/${sessionId}`,
      { token, signal: connection.signal, headers: last === null ? {} : { 'Last-Event-ID': String(last) } },
      fetcher,
    )
    const frames: AnyEnvelope[] = []
    const parser = createParser({
      onEvent: ({ data }) => frames.push(JSON.parse(data)),
      onRetry: (ms) => {
        feed.retryMs = ms
      },
    })
    const decoder = new TextDecoder()
    const reader = response.body?.getReader()
    for (;;) {
      const chunk = await reader?.read()
      if (chunk === undefined || chunk.done) return 'ended'
      connection.heard()
      onConnection('streaming')
      parser.feed(decoder.decode(chunk.value, { stream: true }))
      await take(frames, options, feed)
    }
  } catch (error) {
    if (connection.wasSilent && !options.signal.aborted) return 'silent'
    throw error
  } finally {
    connection.close()
  }
}

async function poll(options: FeedOptions, feed: FeedState): Promise<void> {
  const { onConnection, url, sessionId, token, timing, fetcher, version, signal } = options
  const until = Date.now() + timing.pollingMs
  while (Date.now() < until && !signal.aborted && !feed.isOver) {
    onConnection('polling')
    // Without a version everything is wanted: one that no log has is answered with the whole state.
    const after = version() ?? 'none'
    const path = `${url}/api/sessions/${sessionId}/events?after=${after}&wait_seconds=${POLL_WAIT_SECONDS}`
    const { events } = await requestJson<{ events: AnyEnvelope[] }>(path, { token, signal }, fetcher)
    await take(events, options, feed)
  }
}

/** Hands frames over in order; an end of the session is the end of the feed. */
async function take(frames: AnyEnvelope[], { onFrame, signal }: FeedOptions, feed: FeedState): Promise<void> {
  for (const frame of frames.splice(0)) {
    if (signal.aborted) return
    feed.attempt = 0
    await onFrame(frame)
    if (frame.type === 'session_expired') feed.isOver = true
  }
}

/** Breaks a connection that nothing comes over, or that was open while the machine slept. */
class Watch {
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  readonly #timing: FeedTiming
  readonly #timer: ReturnType<typeof setInterval>
  readonly #onAbort = () => this.#abort.abort()
  #heardAt = Date.now()
  #lookedAt = Date.now()
  #hasHeard = false
  /** Nothing at all came in time. */
  wasSilent = false

  constructor(outer: AbortSignal, timing: FeedTiming) {
    this.#outer = outer
    this.#timing = timing
    outer.addEventListener('abort', this.#onAbort)
    if (outer.aborted) this.#abort.abort()
    this.#timer = setInterval(
      () => this.#look(),
      Math.min(WATCH_MS, timing.firstByteMs / 2, timing.silenceMs / 2),
    )
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  heard(): void {
    this.#hasHeard = true
    this.#heardAt = Date.now()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#outer.removeEventListener('abort', this.#onAbort)
    this.#abort.abort()
  }

  #look(): void {
    const now = Date.now()
    const isAwakeAgain = Math.abs(now - this.#lookedAt) > SLEPT_MS
    const limitMs = this.#hasHeard ? this.#timing.silenceMs : this.#timing.firstByteMs
    const isSilent = now - this.#heardAt >= limitMs
    this.#lookedAt = now
    if (isSilent && !this.#hasHeard && !isAwakeAgain) this.wasSilent = true
    if (isSilent || isAwakeAgain) this.#abort.abort()
  }
}
