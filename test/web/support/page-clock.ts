import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from './team.js'

/** So much of the page's time passes at once, while the machine has so much more. */
const STEP_MS = 20
const BREATH_MS = 60
/** Later than the page's time can be when it is told to stop, however slow the machine; a few times as much then. */
const AHEAD_MS = 500
const TRIES = 6

/** Gives the clock of somebody's browser into the test's hands; before a page is opened in it. */
export async function holdClock({ context }: Person): Promise<void> {
  await context.clock.install()
}

/** Stops the clock: no timer of the page runs out any more, and no frame is asked for. */
export async function stopClock({ page }: Person): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = await page.evaluate(() => Date.now())
    try {
      return await page.clock.pauseAt(now + AHEAD_MS * 2 ** attempt)
    } catch (error) {
      // The clock was there already.
      if (!String(error).includes('past')) throw error
    }
  }
  throw new Error('the clock runs too fast to be stopped')
}

/**
 * Lets a stopped clock go on until something is so, by at most `ms`. How long the machine takes meanwhile,
 * for the network and for itself, does not count; that a page is quick is said of its own time.
 */
export async function passUntil(
  { page }: Person,
  ms: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  for (let passedMs = 0; !(await isSo()); passedMs += STEP_MS) {
    if (passedMs >= ms) throw new Error(`not within ${ms} ms of the page's time`)
    await page.clock.runFor(STEP_MS)
    await pause(BREATH_MS)
  }
}

/** Lets the clock go on by itself. */
export async function goOn({ page }: Person): Promise<void> {
  await page.clock.resume()
}
