import { dropFragment, panel } from './address.js'
import { beside, isBesideMissing } from './beside.js'
import { learn } from './words/say.js'

/**
 * Loads the panels beside the table: when the page has been idle for a moment, or earlier on request. If that
 * fails after a request, the user is returned to the table and told; otherwise nobody notices.
 */
export async function fetchBeside(): Promise<void> {
  try {
    if (beside.peek() !== null) return
    const { BESIDE, TEXTS } = await import('./beside-script.js')
    await learn('beside', TEXTS)
    beside.value = BESIDE
  } catch {
    if (panel.peek() === null) return
    isBesideMissing.value = true
    dropFragment()
  }
}
