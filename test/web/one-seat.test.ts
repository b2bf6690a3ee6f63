import type { Page } from 'playwright-core'
import { waitUntil } from '../support/log-lines.js'
import { holdAnswer } from './support/hold.js'
import { card, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** Whoever is not there is soon away. */
const SOON_AWAY = { DISCONNECT_DEBOUNCE_SECONDS: '0.2', PRESENCE_SECONDS: '3' }

withTeam('one person, one seat', SOON_AWAY, (team) => {
  const hand = (page: Page) => page.getByRole('radiogroup', { name: 'Your card' })

  /** Waits until somebody's browser has this many seats. */
  const hasSeats = ({ page }: Person, count: number) =>
    page.waitForFunction(
      (expected) => JSON.parse(localStorage.getItem('magnapp.seats') ?? '[]').length === expected,
      count,
    )

  /** Somebody on the start page sits down at another's table. */
  async function sitsDown({ page }: Person, leader: Person): Promise<void> {
    await page.locator(`[href="${new URL(leader.page.url()).pathname}"]`).click()
    await page.getByRole('button', { name: 'Join' }).click()
    await hand(page).waitFor()
    await leader.page.getByRole('button', { name: 'Start the round' }).click()
  }

  /** Somebody is still there. */
  async function takesPart(person: Person, leader: Person): Promise<void> {
    await card(person, '5').click()
    await seat(leader, person.name).getByText('Voted').waitFor()
    expect(person.page.url()).toBe(leader.page.url())
  }

  const peopleAt = ({ page }: Person) =>
    page.getByRole('region', { name: 'At the table' }).getByRole('listitem').count()

  test('is kept for somebody who went elsewhere before the answer, who is then away', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    const answer = await holdAnswer(bob, '**/join', 'POST')
    await bob.page.goto(link)
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await bob.page.keyboard.press('Enter')
    await seat(ada, 'Bob').waitFor()
    await bob.page.getByRole('link', { name: 'MagnaPP' }).click()
    await bob.page.getByRole('heading', { name: 'Open a table' }).waitFor()
    await answer()
    await hasSeats(bob, 1)
    await seat(ada, 'Bob').getByText('Away').waitFor()
    await bob.page.goBack()
    await hand(bob.page).waitFor()
    await seat(ada, 'Bob').getByText('Away').waitFor({ state: 'detached' })
    expect(await peopleAt(ada)).toBe(2)
  })

  test('is not left for a table that was opened before, once its answer comes', async () => {
    const zoe = await team.person('Zoe')
    const ada = await team.person('Ada')
    await team.opensTable(zoe, 'There already')
    const answer = await holdAnswer(ada, '**/api/sessions', 'POST')
    await ada.page.goto(team.url)
    await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await ada.page.getByRole('textbox', { name: 'Name of the table' }).fill('My own')
    await ada.page.getByRole('button', { name: 'Open the table' }).click()
    await sitsDown(ada, zoe)
    await answer()
    await hasSeats(ada, 2)
    await takesPart(ada, zoe)
    // The own table is still theirs.
    await ada.page.getByRole('link', { name: 'MagnaPP' }).click()
    await ada.page.getByRole('link', { name: 'My own' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
  })

  test('is not left for a table that was opened again before, once its answer comes', async () => {
    const zoe = await team.person('Zoe')
    const ada = await team.person('Ada')
    await team.opensTable(zoe, 'There already')
    await team.opensTable(ada, 'Once more')
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'End the table' }).click()
    const answer = await holdAnswer(ada, '**/api/sessions', 'POST')
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('link', { name: 'MagnaPP' }).click()
    await sitsDown(ada, zoe)
    await answer()
    await hasSeats(ada, 3)
    await takesPart(ada, zoe)
  })

  test('is the one taken in another tab, whether this tab hears of it or not', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    const second = await bob.context.newPage()
    const deaf = await bob.context.newPage()
    await deaf.addInitScript(() => addEventListener('storage', (event) => event.stopImmediatePropagation()))
    for (const page of [second, deaf]) {
      await page.goto(link)
      await page.getByRole('heading', { name: 'Take a seat' }).waitFor()
    }
    await team.joins(bob, link)
    await hand(second).waitFor()
    await deaf.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await deaf.getByRole('button', { name: 'Join' }).click()
    await hand(deaf).waitFor()
    await seat({ ...bob, page: deaf }, 'Bob')
      .getByText(/^You/)
      .waitFor({ state: 'attached' })
    expect(await peopleAt(ada)).toBe(2)
  })

  test('is the one asked for before a reload, at a table', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await holdAnswer(bob, '**/join', 'POST')
    await bob.page.goto(link)
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await bob.page.keyboard.press('Enter')
    await seat(ada, 'Bob').waitFor()
    await bob.page.reload()
    await hand(bob.page).waitFor()
    expect(await peopleAt(ada)).toBe(2)
    // It is asked for once: whoever leaves then has left.
    await bob.page.getByRole('link', { name: 'Settings' }).click()
    await bob.page.getByRole('button', { name: 'Leave the table' }).click()
    await seat(ada, 'Bob').waitFor({ state: 'detached' })
    await bob.page.goto(link)
    await bob.page.getByRole('button', { name: 'Join' }).click()
    await hand(bob.page).waitFor()
    expect(await peopleAt(ada)).toBe(2)
  })

  test.each([
    ['refused', 0],
    ['asked for long ago', 3_600_000],
  ])('that was %s is not asked for any more', async (_why, agoMs) => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await bob.page.goto(team.url)
    await bob.page.evaluate(
      ([url, at]) =>
        localStorage.setItem('magnapp.unanswered', JSON.stringify([at, url, { method: 'POST', body: '{}' }])),
      [`${link.replace('/s/', '/api/sessions/')}/join`, Date.now() - agoMs] as const,
    )
    await bob.page.goto(link)
    await bob.page.waitForFunction(() => localStorage.getItem('magnapp.unanswered') === null)
    await bob.page.getByRole('heading', { name: 'Take a seat' }).waitFor()
    expect(await peopleAt(ada)).toBe(1)
  })

  test('is the one asked for before a reload, in a room that was empty', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await holdAnswer(ada, '**/api/sessions', 'POST')
    await page.goto(`${team.url}/r/one-seat`)
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await page.getByRole('textbox', { name: 'Name of the table' }).fill('Sprint 42')
    await page.getByRole('button', { name: 'Open the table' }).click()
    await waitUntil(async () => {
      const { session } = await (await fetch(`${team.url}/api/rooms/one-seat`)).json()
      return session !== null
    })
    await page.reload()
    await page.getByRole('button', { name: 'Start the round' }).waitFor()
    await seat(ada, 'Ada').waitFor()
    expect(await peopleAt(ada)).toBe(1)
  })
})
