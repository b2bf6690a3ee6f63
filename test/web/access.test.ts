import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, run } from 'axe-core'
import type { Page } from 'playwright-core'
import { card, onScreen, PATIENCE_MS, type Person, withTeam } from './support/team.js'

jest.setTimeout(5 * PATIENCE_MS)

declare const axe: { readonly run: typeof run }

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
]
const TARGET_PX_MIN = 24
const CARD_PX_MIN = 44

withTeam('everybody', { MAX_USERS_PER_SESSION: '3' }, (team) => {
  /** What the rules say of a screen, in both looks, both directions, small and wide. */
  async function faultsOf({ page }: Person, screen: string): Promise<string[]> {
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

  /** Targets that are too small to be met (WCAG 2.5.8), links within a sentence excepted. */
  function sizeFaults(page: Page): Promise<string[]> {
    return page.evaluate(
      ([targetMin, cardMin]) =>
        [...document.querySelectorAll<HTMLElement>('button, a, input, summary, select')].flatMap(
          (control) => {
            const { width, height } = control.getBoundingClientRect()
            const isUnseen = width <= 1 || control.closest('.vh, .skip') !== null
            const least = control.matches('[name="card"]') ? cardMin : targetMin
            if (isUnseen || (width >= least && height >= least)) return []
            return [`${control.outerHTML.slice(0, 80)} is ${Math.round(width)} × ${Math.round(height)} px`]
          },
        ),
      [TARGET_PX_MIN, CARD_PX_MIN] as const,
    )
  }

  test('check 10, axe: can use every screen, by the rules, in both looks and directions, small and wide', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const { page } = ada
    const faults: string[] = []
    const look = async (person: Person, screen: string) => faults.push(...(await faultsOf(person, screen)))
    await page.goto(team.url)
    await look(ada, 'start')
    const link = await team.opensTable(ada)
    await look(ada, 'waiting')
    await page.getByRole('button', { name: 'Start the round' }).click()
    await bob.page.goto(link)
    await onScreen(bob, '0 of 1 has voted').waitFor()
    await look(bob, 'join')
    await team.joins(bob, link)
    await card(bob, '8').click()
    await look(bob, 'voting')
    await card(ada, '5').click()
    await look(ada, 'voting, covered')
    for (const [name, screen] of [
      ['Invite', 'invite'],
      ['Settings', 'settings'],
    ] as const) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await look(ada, screen)
      await page.getByRole('link', { name: 'Back to the table' }).click()
    }
    await page.getByRole('link', { name: 'Stories' }).click()
    await page.getByRole('textbox', { name: 'Add a story, or paste a list' }).fill('Login')
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Stories' }).getByText('Login').waitFor()
    await look(ada, 'stories')
    await page.getByRole('link', { name: 'Close the stories' }).click()
    await page.keyboard.press('h')
    await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor()
    await look(ada, 'keys')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Reveal/ }).click()
    await page.getByRole('button', { name: 'Vote again' }).waitFor()
    await look(ada, 'results')
    await page.getByRole('button', { name: 'Vote again' }).click()
    await card(ada, '5').click()
    await card(bob, '5').click()
    await page.getByRole('button', { name: 'Reveal 2 of 2' }).click()
    await page.getByText('Everybody says five.').waitFor()
    await look(ada, 'consensus')
    await page.locator('.main[aria-disabled="false"]').waitFor()
    await page.getByRole('button', { name: 'Vote again' }).click()
    await page.getByText('0 of 2 have voted', { exact: true }).waitFor({ state: 'attached' })
    // On a phone it is in the settings.
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.locator('.actions [aria-disabled="false"]', { hasText: 'Pause' }).click()
    await page.getByText('Paused. Cards stay where they are.').waitFor()
    await look(ada, 'paused')
    const cem = await team.person('Cem')
    await team.joins(cem, link)
    const dora = await team.person('Dora')
    await dora.page.goto(link)
    await dora.page.getByRole('textbox', { name: 'Your name' }).fill('Dora')
    await dora.page.keyboard.press('Enter')
    await dora.page.getByRole('heading', { name: 'Every seat at this table is taken.' }).waitFor()
    await look(dora, 'full')
    await ada.context.close()
    await onScreen(bob, 'Waiting for Ada.').waitFor()
    await look(bob, 'grace')
    await bob.page.getByRole('link', { name: 'Settings' }).click()
    await bob.page.getByRole('button', { name: 'Leave the table' }).click()
    await bob.page.getByRole('heading', { name: 'You have left the table.' }).waitFor()
    await look(bob, 'left')
    await bob.page.goto(`${team.url}/r/nobody-here`)
    await bob.page.getByRole('heading', { name: 'Open it' }).waitFor()
    await look(bob, 'empty room')
    await bob.page.goto(`${team.url}/s/00000000-0000-4000-8000-000000000000`)
    await bob.page.getByRole('heading', { name: 'There is no table at this address.' }).waitFor()
    await look(bob, 'unknown')
    expect(faults).toEqual([])
  })

  test('check 10, axe: sees the chosen card in forced colours, by its frame', async () => {
    const ada = await team.person('Ada', { forcedColors: 'active' })
    await team.opensTable(ada)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '5').click()
    await ada.page.getByRole('button', { name: 'Show' }).click()
    const frames = await ada.page.evaluate(() =>
      [...document.querySelectorAll('.plate')].map((plate) => getComputedStyle(plate).outlineStyle),
    )
    expect(frames.filter((style) => style !== 'none')).toHaveLength(1)
    expect(frames[3]).toBe('solid')
  })
})
