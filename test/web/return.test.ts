import { waitUntil } from '../support/log-lines.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'
import { goOn, holdClock, passUntil, stopClock } from './support/page-clock.js'
import { card, onScreen, PATIENCE_MS, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** A phone in a pocket. */
const ASLEEP_MS = 8_000
const ASKED_MS = 200
const SHOWN_MS = 1_000
const TABS = 8
const VOTED_MS = 500
const TAKEN_OVER_MS = 2_000

/** Somebody gone for this long is away; another tab takes over long before. */
const AWAY = { DISCONNECT_DEBOUNCE_SECONDS: '20' }

withTeam('a page that comes back', AWAY, (team) => {
  let proxy: FaultyProxy

  beforeAll(async () => {
    proxy = await startProxy(team.server.url)
  })
  afterAll(async () => {
    await proxy.close()
  })

  test('check 7, wake: asks at once with its cursor, and shows what was missed within a second, three times running', async () => {
    team.url = team.server.url
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await holdClock(bob)
    const link = await team.opensTable(ada)
    await team.joins(bob, link.replace(team.server.url, proxy.url))
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    // Headless browsers hide no page, so the page is told that it is hidden.
    const show = (state: 'hidden' | 'visible') =>
      bob.page.evaluate((visibility) => {
        Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true })
        Object.defineProperty(document, 'hidden', { value: visibility === 'hidden', configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    for (const _time of [1, 2, 3]) {
      await card(bob, '5').click()
      await seat(ada, 'Bob').getByText('Voted').waitFor()
      await show('hidden')
      proxy.silence()
      await ada.page.getByRole('button', { name: 'Reveal 1 of 2' }).click()
      await ada.page.getByRole('region', { name: 'Results' }).waitFor()
      await stopClock(bob)
      await bob.page.clock.fastForward(ASLEEP_MS)
      expect(await bob.page.getByRole('region', { name: 'Results' }).count()).toBe(0)
      const { length } = proxy.streams.cursors
      await show('visible')
      await passUntil(bob, ASKED_MS, () => proxy.streams.cursors.length > length)
      expect(Number(proxy.streams.cursors[length])).toBeGreaterThan(0)
      await passUntil(bob, SHOWN_MS - ASKED_MS, () =>
        bob.page.getByRole('region', { name: 'Results' }).isVisible(),
      )
      await goOn(bob)
      await ada.page.getByRole('button', { name: 'Vote again' }).click()
      await onScreen(bob, '0 of 2 have voted').waitFor()
    }
  })

  test('check 8, eight tabs: one stream is enough, a card from the eighth counts at once, and another tab takes over', async () => {
    team.url = team.server.url
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await holdClock(bob)
    const link = await team.opensTable(ada)
    const through = link.replace(team.server.url, proxy.url)
    await team.joins(bob, through)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    const tabs = [bob.page]
    while (tabs.length < TABS) {
      const page = await bob.context.newPage()
      await page.goto(through)
      await page.getByRole('radiogroup', { name: 'Your card' }).waitFor()
      tabs.push(page)
    }
    // A tab that finds another tab's stream closes its own.
    await waitUntil(() => proxy.streams.open <= 2)
    const last = { ...bob, page: tabs[TABS - 1] ?? bob.page }
    const answers: number[] = []
    last.page.on('response', (response) => {
      if (response.url().endsWith('/vote')) answers.push(response.status())
    })
    await last.page.locator('.hand[aria-disabled="false"]').waitFor()
    await stopClock(last)
    for (const [index, value] of ['5', '8', '13'].entries()) {
      await card(last, value).click()
      await passUntil(last, VOTED_MS, () => answers.length > index)
    }
    expect(answers).toEqual([200, 200, 200])
    await goOn(last)
    for (const page of tabs) await page.locator('input[value="13"]:checked').waitFor({ state: 'attached' })
    const asked = proxy.streams.count
    await stopClock(last)
    await bob.page.close()
    await passUntil(last, TAKEN_OVER_MS, () => proxy.streams.count > asked)
    await goOn(last)
    await ada.page.getByRole('button', { name: 'Reveal 1 of 2' }).click()
    await last.page.getByRole('region', { name: 'Results' }).waitFor()
    expect(await seat(ada, 'Bob').getByText('Away').count()).toBe(0)
    await waitUntil(() => proxy.streams.open <= 2)
  })
})
