import { setTimeout as pause } from 'node:timers/promises'
import type { Person } from './team.js'

/** This much of the page's time passes in one step, while the machine gets this much. */
const STEP_MS = 20
const BREATH_MS = 60
/** Later than the page's time when told to stop, even on a slow machine; doubled with each attempt. */
const AHEAD_MS = 500
const TRIES = 6

/** Puts the clock of somebody's browser in the test's hands; call it before opening a page there. */
export async function holdClock({ context }: Person): Promise<void> {
  await context.clock.install()
}

/** Stops the clock: no timer of the page fires any more, and no frame is requested. */
export async function stopClock({ page }: Person): Promise<void> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = await page.evaluate(() => Date.now())
    try {
      return await page.clock.pauseAt(now + AHEAD_MS * 2 ** attempt)
    } catch (error) {
      // The clock had already passed that time.
      if (!String(error).includes('past')) throw error
    }
  }
  throw new Error('the clock runs too fast to be stopped')
}

/**
 * Lets a stopped clock run until something is so, by at most `ms`. How long the machine takes meanwhile, for
 * the network and for itself, does not count: a page's speed is measured in its own time.
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

/** Lets the clock run by itself again. */
export async function goOn({ page }: Person): Promise<void> {
  await page.clock.resume()
}
