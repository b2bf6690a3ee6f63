import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/**
 * False when something is first drawn, true a moment later: work that can wait stays out of the one frame in
 * which everybody looks at something else.
 */
export function useLater(ms: number): boolean {
  const isLater = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => {
      isLater.value = true
    }, ms)
    return () => clearTimeout(timer)
  }, [ms, isLater])
  return isLater.value
}

/**
 * The current value or, if it may wait, the one from a moment ago.
 * @param mayWait - nobody sees it just now
 */
export function useUnhurried<Value>(value: Value, mayWait: boolean, ms: number): Value {
  const shown = useRef(value)
  const drawn = useSignal(0)
  const isDue = useRef(false)
  useEffect(() => {
    if (!mayWait) return
    const timer = setTimeout(() => {
      isDue.current = true
      drawn.value += 1
    }, ms)
    return () => clearTimeout(timer)
  }, [value, mayWait, ms, drawn])
  if (!mayWait || isDue.current) shown.current = value
  isDue.current = false
  return drawn.value < 0 ? value : shown.current
}
