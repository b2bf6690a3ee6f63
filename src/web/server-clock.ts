import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/*
 * The server's time. A laptop's own clock may be wrong by minutes, so it is not asked: what is known is
 * when the server wrote a frame, and how long ago that came in, on the monotonic clock.
 */

/** The server's time less the monotonic clock's; `null`: nothing has been heard yet. */
let offsetMs: number | null = null

/**
 * Takes note of when the server said something. It said so before it was heard, and a replayed event
 * long before: the latest of all is the nearest to the truth.
 * @param timestamp - as the server writes it
 */
export function heardAt(timestamp: string): void {
  const heardMs = Date.parse(timestamp) - performance.now()
  if (Number.isFinite(heardMs)) offsetMs = Math.max(offsetMs ?? heardMs, heardMs)
}

/** The server's time now, in milliseconds since 1970. */
export function serverNow(): number {
  return offsetMs === null ? Date.now() : performance.now() + offsetMs
}

const SECOND_MS = 1_000

/** Milliseconds until a moment of the server's, never below 0; counts down second by second while it is shown. */
export function useTimeLeft(until: string | null): number {
  const leftMs = () => (until === null ? 0 : Math.max(0, Date.parse(until) - serverNow()))
  return useEachSecond(leftMs)
}

/** Milliseconds since a moment of the server's. */
export function useTimeSince(since: string | null): number {
  return useEachSecond(() => (since === null ? 0 : Math.max(0, serverNow() - Date.parse(since))))
}

function useEachSecond(measure: () => number): number {
  const tick = useSignal(0)
  useEffect(() => {
    const timer = setInterval(() => {
      tick.value += 1
    }, SECOND_MS)
    return () => clearInterval(timer)
  }, [tick])
  return tick.value < 0 ? 0 : measure()
}

/** Minutes and seconds, as `4:12`; from an hour on `1:04:12`. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / SECOND_MS)
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  const rest = String(seconds % 60).padStart(2, '0')
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`
}
