import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/**
 * False when something is drawn first, true a moment later: what need not be there at once is spared the
 * one frame in which all eyes are on something else.
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
 * A value as it is, or, where that may wait, as it was until a moment later.
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
