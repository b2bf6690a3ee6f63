import { DE } from '../../src/web/words/de.js'
import { DE_BESIDE } from '../../src/web/words/de-beside.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('a meeting', {}, (team) => {
  test('is opened, joined, played and ended', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    expect(link).toMatch(/\/s\/[\da-f-]{36}$/)
    await team.joins(bob, link)
    await seat(ada, 'Bob').waitFor()

    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await onScreen(bob, '0 of 2 have voted').waitFor()
    // Nobody has a card, so there is nothing to reveal.
    expect(await ada.page.getByRole('button', { name: /^Reveal/ }).isDisabled()).toBe(true)
    await bob.page.keyboard.press('8')
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await card(ada, '5').click()
    await seat(bob, 'Ada').getByText('Voted').waitFor()
    expect(await card(bob, '8').isChecked()).toBe(true)

    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    for (const { page } of [ada, bob]) {
      const results = page.getByRole('region', { name: 'Results' })
      await results.getByRole('row', { name: '5 1 Ada' }).waitFor()
      await results.getByRole('row', { name: '8 1 Bob' }).waitFor()
    }
    await endTable(ada)
    await bob.page.getByRole('heading', { name: 'The Scrum Master has closed the table.' }).waitFor()
  })

  test('shows the table to whoever comes, before they sit down', async () => {
    const ada = await team.person('Ada')
    const guest = await team.person('Guest')
    const link = await team.opensTable(ada, 'Payments')
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '13').click()
    await guest.page.goto(link)
    await onScreen(guest, '1 of 1 has voted').waitFor()
    await seat(guest, 'Ada').getByText('Voted').waitFor()
    // Nothing of a hidden card reaches any browser but its owner's.
    const { html, kept } = await guest.page.evaluate(() => ({
      html: document.querySelector('.stage, .peek .people')?.outerHTML ?? '',
      kept: JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)]),
    }))
    expect(html + kept).not.toMatch(/\b13\b/)
  })

  test('carries on after a reload, with one’s own card', async () => {
    const ada = await team.person('Ada')
    const link = await team.opensTable(ada)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '21').click()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 1' }).waitFor()
    await ada.page.reload()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 1' }).waitFor()
    await ada.page.waitForFunction(() => document.querySelector('input[value="21"]:checked') !== null)
    expect(ada.page.url()).toBe(link)
  })

  test('is played with the deck that was chosen when it was opened', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await page.goto(team.url)
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await page.getByRole('textbox', { name: 'Name of the table' }).fill('Sizes')
    await page.locator('summary', { hasText: 'Deck' }).click()
    await page.getByRole('combobox', { name: 'Deck' }).selectOption('T-shirt sizes')
    await page.getByRole('list', { name: 'Deck' }).getByText('XXL').waitFor()
    await page.getByRole('button', { name: 'Open the table' }).click()
    await page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, 'XXL').click()
    await page.getByRole('button', { name: 'Reveal 1 of 1' }).waitFor()
  })

  test('is played from a small window on top of others, where the browser has one', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    if (!(await page.evaluate(() => 'documentPictureInPicture' in window))) return
    await page.getByRole('link', { name: 'Settings' }).click()
    const opened = ada.context.waitForEvent('page')
    await page.getByRole('button', { name: 'Open it' }).click()
    const mini = await opened
    await page.getByRole('region', { name: 'At the table' }).waitFor()
    await mini.locator('.main[aria-disabled="false"]', { hasText: 'Start the round' }).click()
    await mini.locator('.hand[aria-disabled="false"]').waitFor()
    await mini.keyboard.press('5')
    await seat(ada, 'Ada').getByText('Voted').waitFor()
    expect(await card({ ...ada, page: mini }, '5').isChecked()).toBe(true)
    await mini.locator('.main[aria-disabled="false"]', { hasText: 'Reveal' }).click()
    await page.getByRole('region', { name: 'Results' }).waitFor()
    await mini.getByRole('region', { name: 'Results' }).waitFor()
    // It closes with the table.
    const closed = mini.waitForEvent('close')
    await endTable(ada)
    await closed
  })

  test('is held in German for those who read German, even in what is loaded later', async () => {
    const { page } = await team.person('Ada', { locale: 'de-AT' })
    await page.goto(team.url)
    await page.getByRole('textbox', { name: DE.yourName.toString() }).fill('Ada')
    await page.getByRole('textbox', { name: DE.nameOfTable.toString() }).fill('Sprint 42')
    await page.getByRole('button', { name: DE.openTheTable.toString() }).click()
    await page.getByRole('link', { name: DE.settings.toString(), exact: true }).click()
    await page.getByRole('heading', { level: 2, name: DE_BESIDE.onThisDevice.toString() }).waitFor()
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('de')
  })

  test('shows its pace and when it will be through, from the second story on', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    await page.getByRole('link', { name: 'Stories' }).click()
    for (const title of ['Login', 'Search', 'Refund']) {
      await page.getByRole('textbox', { name: 'Add a story, or paste a list' }).fill(title)
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Stories' }).getByText(title).waitFor()
    }
    const main = page.locator('.main[aria-disabled="false"]')
    for (const begin of ['Start the round', 'Next story']) {
      await main.filter({ hasText: begin }).click()
      await card(ada, '5').click()
      await main.filter({ hasText: 'Reveal' }).click()
      await main.filter({ hasText: 'Accept' }).click()
    }
    await page.getByText('2 of 3 estimated').waitFor()
    await page.getByText(/^About \d+ min each, done about \d/).waitFor()
  })

  async function endTable({ page }: Person): Promise<void> {
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'End the table' }).click()
    await page.getByRole('heading', { name: 'The Scrum Master has closed the table.' }).waitFor()
  }
})
