import { effect } from '@preact/signals'
import type { Table } from '../table/table.js'

/** A round that nobody closes must not keep a screen on all night. */
const AWAKE_MS_MAX = 20 * 60_000

/**
 * Keeps the screen on while a round is open and visible. The lock is lost when the page is hidden or the
 * battery is low, and requested again when the page is visible; without the feature nothing happens.
 * @returns stops it
 */
export function stayAwake(table: Table): () => void {
  let lock: WakeLockSentinel | null = null
  let since: number | null = null
  const isOpen = () => {
    const status = table.session.value?.status
    return status === 'voting' || status === 'revealing'
  }
  const look = async () => {
    const isWanted =
      isOpen() && !document.hidden && (since === null || performance.now() - since < AWAKE_MS_MAX)
    if (!isWanted) {
      await lock?.release()
      lock = null
    } else if (lock === null || lock.released) {
      lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null
    }
  }
  const stop = effect(() => {
    since = isOpen() ? (since ?? performance.now()) : null
    void look()
  })
  const onVisible = () => void look()
  document.addEventListener('visibilitychange', onVisible)
  return () => {
    stop()
    document.removeEventListener('visibilitychange', onVisible)
    void lock?.release()
  }
}
