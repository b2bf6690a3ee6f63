import { useEffect } from 'preact/hooks'

/** How often the server is asked again while somebody waits for it to change. */
const LOOK_MS = 10_000

/**
 * Looks at the server now, at intervals, and whenever the page is shown again; never while it is hidden.
 * @param look - the same function in every rendering; its signal is aborted with the component
 * @param timesMax - a page that nobody closes stops asking at intervals
 */
export function useLooks(look: (signal: AbortSignal) => unknown, timesMax = Number.POSITIVE_INFINITY): void {
  useEffect(() => {
    const abort = new AbortController()
    let times = 0
    const lookIfSeen = () => {
      if (!document.hidden) look(abort.signal)
    }
    const timer = setInterval(() => {
      times += 1
      if (times >= timesMax) clearInterval(timer)
      lookIfSeen()
    }, LOOK_MS)
    lookIfSeen()
    document.addEventListener('visibilitychange', lookIfSeen)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', lookIfSeen)
      abort.abort()
    }
  }, [look, timesMax])
}
