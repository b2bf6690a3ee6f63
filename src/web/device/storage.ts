import { effect, type Signal, signal } from '@preact/signals'

/** The prefix of everything that the page stores in a browser. */
const PREFIX = 'magnapp.'

/** The value stored under a name; `null` if there is none, or the browser stores nothing. */
export function kept(name: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null')
  } catch {
    return null
  }
}

/** Stores a value; `null` removes it. A browser that stores nothing is not an error: it only forgets. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // Storage is full or disabled.
  }
}

/**
 * A value that outlives the page and is the same in all tabs of a browser.
 * @param parse - validates the stored value, which another version of the page may have written
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
