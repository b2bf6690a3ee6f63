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
    // Nothing of a hidden card reaches a browser that did not choose it.
    const { html, kept } = await guest.page.evaluate(() => ({
      html: document.querySelector('.stage, .peek .people')?.outerHTML ?? '',
      kept: JSON.stringify([...Object.entries(localStorage), ...Object.entries(sessionStorage)]),
    }))
    expect(html + kept).not.toMatch(/\b13\b/)
  })

  test('goes on after a reload, with one’s own card', async () => {
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

  async function endTable({ page }: Person): Promise<void> {
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'End the table' }).click()
    await page.getByRole('heading', { name: 'The Scrum Master has closed the table.' }).waitFor()
  }
})
