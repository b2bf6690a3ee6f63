import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/*
 * The server's time. A laptop's own clock may be wrong by minutes, so it is not used: the client knows when
 * the server wrote the frames it received.
 */

let clock: () => number = Date.now

/** Takes the server's time from a client from now on. */
export function keepTimeOf(client: { serverNow(): number }): void {
  clock = () => client.serverNow()
}

/** The server's time now, in milliseconds since 1970. */
export function serverNow(): number {
  return clock()
}

const SECOND_MS = 1_000

/** Milliseconds until a moment of server time, never below 0; updates every second while shown. */
export function useTimeLeft(until: string | null): number {
  const leftMs = () => (until === null ? 0 : Math.max(0, Date.parse(until) - serverNow()))
  return useEachSecond(leftMs)
}

/** Milliseconds since a moment of server time. */
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

/** Minutes and seconds, such as `4:12`; from an hour on `1:04:12`. */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / SECOND_MS)
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor((seconds % 3_600) / 60)
  const rest = String(seconds % 60).padStart(2, '0')
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, '0')}:${rest}`
}
