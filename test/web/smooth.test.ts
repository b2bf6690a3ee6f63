import { type Bot, bot } from './support/bots.js'
import { card, PATIENCE_MS, type Person, withTeam } from './support/team.js'
import { onReference, trace, yardstick } from './support/work.js'

jest.setTimeout(2 * PATIENCE_MS)

const VOTERS = 16
const CPU_SLOWDOWN = 4
/** How long a task may take on the slow machine. */
const LONG_TASK_MS = 50
const SHIFT_MAX = 0.001
/** Other work on the machine can only make a run rougher, never smoother. */
const RUNS_MAX = 20

/** What a person would feel of a round. */
interface Seen {
  readonly shift: number
  readonly shifts: string[]
  /** How many frames were drawn between a press and the frame that marks the card. */
  readonly framesLate: number
}

withTeam('a full table on a slow machine', {}, (team) => {
  test('check 13, smooth: plays a round without a jerk, a jump, or a wait', async () => {
    const ada = await team.person('Ada', {
      reducedMotion: 'no-preference',
      viewport: { width: 1440, height: 900 },
    })
    const bob = await team.person('Bob', {
      reducedMotion: 'no-preference',
      viewport: { width: 1440, height: 900 },
    })
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    const bots: Bot[] = []
    for (let number = 2; number < VOTERS; number += 1) bots.push(await bot(link, `Bot ${number}`))
    await watch(bob)
    let longestMs = Number.POSITIVE_INFINITY
    let stickMs = Number.POSITIVE_INFINITY
    const slowMs = () => onReference(longestMs, stickMs) * CPU_SLOWDOWN
    for (let run = 0; run < RUNS_MAX && !(slowMs() <= LONG_TASK_MS); run += 1) {
      // The button is inert for a moment after the reveal.
      await ada.page.locator('.main[aria-disabled="false"]').waitFor()
      await ada.page.getByRole('button', { name: run === 0 ? 'Start the round' : 'Vote again' }).click()
      await bob.page.locator('.hand[aria-disabled="false"]').waitFor()
      await forget(bob)
      const { tasks } = await trace(team.browser, bob.page, async () => {
        // All at once, as after "three, two, one".
        await Promise.all([
          card(bob, '8').click(),
          ...bots.map((one, index) => one.votes(['3', '5', '8'][index % 3] ?? '5')),
        ])
        await ada.page.getByRole('button', { name: `Reveal ${VOTERS - 1} of ${VOTERS}` }).waitFor()
        await ada.page.locator('.main[aria-disabled="false"]').click()
        // What is left out of the first frame is there as well.
        await bob.page
          .getByRole('region', { name: 'Results' })
          .getByRole('table')
          .waitFor({ state: 'attached' })
      })
      const { shift, shifts, framesLate } = await seenBy(bob)
      expect(shift < SHIFT_MAX ? [] : shifts).toEqual([])
      // With no longer task than that, the next frame is there within a tenth of a second.
      expect(framesLate).toBe(0)
      // The best of each, since a disturbance of one may spare the other.
      longestMs = Math.min(longestMs, Math.max(...tasks.map(({ cpuMs }) => cpuMs)))
      stickMs = Math.min(stickMs, await yardstick(team.browser, bob.page))
    }
    expect(slowMs()).toBeLessThanOrEqual(LONG_TASK_MS)
  })

  test('check 13, smooth: turns all cards in one frame, without any motion for those who want none', async () => {
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const ada = await team.person('Ada', { reducedMotion })
      const link = await team.opensTable(ada)
      const bots = [await bot(link, 'Bob'), await bot(link, 'Cem')]
      await ada.page.getByRole('button', { name: 'Start the round' }).click()
      await ada.page.locator('.hand[aria-disabled="false"]').waitFor()
      await Promise.all([card(ada, '5').click(), bots[0]?.votes('8'), bots[1]?.votes('13')])
      await ada.page.getByRole('button', { name: 'Reveal 3 of 3' }).waitFor()
      await ada.page.locator('.main[aria-disabled="false"]').click()
      await ada.page.locator('.scale').waitFor()
      const moved = await ada.page.evaluate(async () => {
        const moves = document.getAnimations().filter(({ effect }) => {
          const frames = effect instanceof KeyframeEffect ? effect.getKeyframes() : []
          return frames.some((frame) => 'transform' in frame && frame['transform'] !== 'none')
        })
        // An animation that waits for its first frame has no start time yet.
        return Promise.all(
          moves.map(async ({ ready, effect }) => {
            const { startTime } = await ready
            const element = effect instanceof KeyframeEffect ? effect.target : null
            return { startTime, isCard: element?.closest('.step .num') != null }
          }),
        )
      })
      if (reducedMotion === 'reduce') expect(moved).toEqual([])
      else {
        const cards = moved.filter(({ isCard }) => isCard)
        expect(cards.length).toBeGreaterThan(3)
        expect(new Set(cards.map(({ startTime }) => startTime)).size).toBe(1)
      }
    }
  })

  /** Has the browser record from now on what a person would feel. */
  async function watch({ page }: Person): Promise<void> {
    await page.evaluate(() => {
      const seen = { fromMs: 0, shift: 0, shifts: [] as string[], framesLate: 0 }
      Object.assign(globalThis, { seen })
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as unknown as LayoutShift[]) {
          if (entry.startTime < seen.fromMs) continue
          seen.shift += entry.value
          for (const { node } of entry.sources) {
            const element = node instanceof Element ? node : (node?.parentElement ?? null)
            seen.shifts.push(element?.outerHTML.slice(0, 120) ?? '?')
          }
        }
      }).observe({ type: 'layout-shift' })
      addEventListener('change', ({ target }) => {
        if (!(target instanceof HTMLInputElement)) return
        let frames = 0
        const look = () => {
          const isMarked = target.closest('.card')?.classList.contains('is-up') === true
          if (isMarked) seen.framesLate = Math.max(seen.framesLate, frames)
          else requestAnimationFrame(look)
          frames += 1
        }
        requestAnimationFrame(look)
      })
    })
  }

  interface LayoutShift extends PerformanceEntry {
    readonly value: number
    readonly sources: readonly { readonly node: Node | null }[]
  }

  /** Starts over once everything so far is drawn. */
  const forget = ({ page }: Person) =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
      const { seen } = globalThis as unknown as { seen: object }
      Object.assign(seen, { fromMs: performance.now(), shift: 0, shifts: [], framesLate: 0 })
    })

  /** What was seen since, including what is about to be drawn. */
  const seenBy = ({ page }: Person): Promise<Seen> =>
    page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame)
      return structuredClone((globalThis as unknown as { seen: Seen }).seen)
    })
})
