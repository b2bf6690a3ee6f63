import { effect, type Signal, signal } from '@preact/signals'

/** Everything that the page keeps in a browser stands under this. */
const PREFIX = 'magnapp.'

/** What was kept under a name; `null` where there is nothing, or where a browser keeps nothing at all. */
export function kept(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null')
  } catch {
    return null
  }
}

/** Keeps a value, `null` to forget it. A browser that keeps nothing is no failure: it only forgets. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Storage is full, or switched off.
  }
}

/**
 * A value that outlives the page, and is the same in all tabs of a browser.
 * @param parse - judges what was kept; another version of the page may have kept it
 */
export function keptSignal<Value>(name: string, parse: (value: unknown) => Value): Signal<Value> {
  const value = signal(parse(kept(name)))
  let written = value.peek()
  effect(() => {
    if (value.value === written) return
    written = value.value
    keep(name, value.value)
  })
  addEventListener('storage', (event) => {
    if (event.key !== PREFIX + name) return
    written = parse(kept(name))
    value.value = written
  })
  return value
}
