import { dropFragment, panel } from './address.js'
import { beside, isBesideMissing } from './beside.js'

/**
 * Fetches what stands beside the table: when the page has been quiet for a moment, or when it is asked for
 * before. Where it does not come, whoever asked is back at the table and told; nobody else notices.
 */
export async function fetchBeside(): Promise<void> {
  try {
    if (beside.peek() === null) beside.value = (await import('./beside-script.js')).BESIDE
  } catch {
    if (panel.peek() === null) return
    isBesideMissing.value = true
    dropFragment()
  }
}
