import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, run } from 'axe-core'
import type { Page } from 'playwright-core'
import type { Person } from './team.js'

declare const axe: { readonly run: typeof run }

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
]
const TARGET_PX_MIN = 24
const CARD_PX_MIN = 44

/** What the rules find on a screen, in both looks, both directions, small and wide. */
export async function faultsOf({ page }: Person, screen: string): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const size of SIZES) {
      for (const direction of ['ltr', 'rtl']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize(size)
        await page.evaluate((dir) => {
          document.documentElement.dir = dir
        }, direction)
        const where = `${screen}, ${colorScheme}, ${size.width} px, ${direction}`
        found.push(...(await axeFaults(page)).map((fault) => `${where}: ${fault}`))
        found.push(...(await sizeFaults(page)).map((fault) => `${where}: ${fault}`))
      }
    }
  }
  await page.setViewportSize({ width: 320, height: 640 })
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  if (isTooWide) found.push(`${screen}: has to be scrolled sideways at 320 px`)
  await page.evaluate(() => {
    document.documentElement.dir = 'ltr'
  })
  return found
}

async function axeFaults(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>, string[]>(
    (tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] }),
    TAGS,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`),
  )
}

/** Targets that are too small to hit (WCAG 2.5.8), except links within a sentence. */
function sizeFaults(page: Page): Promise<string[]> {
  return page.evaluate(
    ([targetMin, cardMin]) =>
      [...document.querySelectorAll<HTMLElement>('button, a, input, summary, select')].flatMap((control) => {
        const { width, height } = control.getBoundingClientRect()
        const isUnseen = width <= 1 || control.closest('.vh, .skip') !== null
        const least = control.matches('[name="card"]') ? cardMin : targetMin
        if (isUnseen || (width >= least && height >= least)) return []
        return [`${control.outerHTML.slice(0, 80)} is ${Math.round(width)} × ${Math.round(height)} px`]
      }),
    [TARGET_PX_MIN, CARD_PX_MIN] as const,
  )
}
