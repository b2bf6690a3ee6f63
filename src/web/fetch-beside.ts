import { signal } from '@preact/signals'
import { dropFragment, panel } from './address.js'

/** What stands beside the table, from when its script is here. */
export const beside = signal<typeof import('./beside.js').BESIDE | null>(null)

/** It was asked for, and its script did not come. */
export const isBesideMissing = signal(false)

/**
 * Fetches what stands beside the table: when the page has been quiet for a moment, or when it is asked for
 * before. Where it does not come, whoever asked is back at the table and told; nobody else notices.
 */
export async function fetchBeside(): Promise<void> {
  try {
    if (beside.peek() === null) beside.value = (await import('./beside.js')).BESIDE
  } catch {
    if (panel.peek() === null) return
    isBesideMissing.value = true
    dropFragment()
  }
}
