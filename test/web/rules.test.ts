import { card, onScreen, PATIENCE_MS, seat, setRules, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('at the table', {}, (team) => {
  async function meeting() {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await seat(ada, 'Bob').waitFor()
    return { ada, bob, link }
  }

  test('the leader asks somebody for their card, who is told on the page and in the tab', async () => {
    const { ada, bob } = await meeting()
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await ada.page.getByRole('button', { name: 'Ask Bob for a card' }).click()
    await bob.page.locator('.notice', { hasText: 'Ada asks for your card.' }).waitFor()
    await bob.page.waitForFunction(() => document.title.startsWith('● Your vote?'))
    // Nobody asks for their own card, and only the leader asks at all.
    expect(await ada.page.getByRole('button', { name: 'Ask Ada for a card' }).count()).toBe(0)
    expect(await bob.page.getByRole('button', { name: /^Ask/ }).count()).toBe(0)
    await card(bob, '5').click()
    await bob.page.locator('.notice', { hasText: 'Ada asks for your card.' }).waitFor({ state: 'detached' })
    await bob.page.waitForFunction(() => !document.title.includes('Your vote?'))
  })

  test('a card that is taken back no longer counts', async () => {
    const { ada, bob } = await meeting()
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(bob, '5').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await bob.page.keyboard.press('Backspace')
    await seat(ada, 'Bob').getByText('Thinking').waitFor()
    await bob.page.waitForFunction(() => document.querySelector('[name="card"]:checked') === null)
    await card(bob, '8').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await card(bob, '8').click()
    await seat(ada, 'Bob').getByText('Thinking').waitFor()
  })

  test('somebody who only watches has no hand, is not waited for, and may vote again at will', async () => {
    const { ada, bob } = await meeting()
    await bob.page.getByRole('link', { name: 'Settings' }).click()
    await bob.page.getByRole('button', { name: 'Only watch' }).click()
    await bob.page.getByRole('button', { name: 'Vote too' }).waitFor()
    await bob.page.getByRole('link', { name: 'Back to the table' }).click()
    await seat(ada, 'Bob').getByText('Observes').waitFor()
    expect(await bob.page.getByRole('radiogroup', { name: 'Your card' }).count()).toBe(0)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '5').click()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 1' }).click()
    await bob.page.getByRole('region', { name: 'Results' }).waitFor()
    await bob.page.getByRole('link', { name: 'Settings' }).click()
    await bob.page.getByRole('button', { name: 'Vote too' }).click()
    await bob.page.getByRole('button', { name: 'Only watch' }).waitFor()
    await ada.page.getByRole('button', { name: 'Vote again' }).click()
    await bob.page.getByRole('link', { name: 'Back to the table' }).click()
    await card(bob, '5').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
  })

  test('a round with a limit counts down, says when it is over, and can be given a minute more', async () => {
    const { ada, bob } = await meeting()
    await setRules(ada, { round_seconds: 10 })
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    const clock = bob.page.getByRole('timer', { name: 'Time left' })
    await clock.waitFor()
    expect(await clock.textContent()).toMatch(/^0:(10|0\d)$/)
    await onScreen(bob, 'The time is up.', { exact: true }).waitFor()
    await ada.page.getByRole('button', { name: 'One more minute' }).click()
    await onScreen(bob, 'The time is up.', { exact: true }).waitFor({ state: 'detached' })
    await expect(clock.textContent()).resolves.toMatch(/^(1:\d\d|0:[1-5]\d)$/)
  })

  test('a rule that the server did not take is not shown as if it had', async () => {
    const { ada } = await meeting()
    const { page } = ada
    await page.getByRole('link', { name: 'Settings' }).click()
    const automatic = page.getByRole('switch', { name: 'Reveal when all have voted' })
    const anybody = page.getByRole('radio', { name: 'Anybody' })
    const deck = page.getByRole('combobox', { name: 'Deck' })
    const noAnswer = page.locator('.refusal', { hasText: 'The server did not answer.' })
    await ada.context.setOffline(true)
    for (const change of [
      () => automatic.click(),
      () => anybody.click(),
      () => deck.selectOption('fibonacci'),
    ]) {
      await change()
      // The message about the change before is gone once this one is under way.
      await noAnswer.waitFor({ state: 'detached' })
      await noAnswer.waitFor()
    }
    expect(await automatic.isChecked()).toBe(false)
    expect(await automatic.getAttribute('aria-checked')).toBe('false')
    expect(await anybody.isChecked()).toBe(false)
    expect(await deck.inputValue()).toBe('magnapp')
    await ada.context.setOffline(false)
    await automatic.click()
    await page.locator('#auto-reveal:checked').waitFor()
    await noAnswer.waitFor({ state: 'detached' })
  })

  test('stories come in as a tracker’s table, with its faults shown, and go out as a file', async () => {
    const { ada } = await meeting()
    const { page } = ada
    await page.getByRole('link', { name: 'Stories' }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByText('Import a file').click()
    await (await chooser).setFiles({
      name: 'jira.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Issue key,Summary\nSHOP-1,Pay with a card\nSHOP-2,Refund'),
    })
    await page.getByText('2 stories, their titles from the column “Summary”.').waitFor()
    await page.getByRole('button', { name: 'Add 2 stories' }).click()
    await page.getByText('0 of 2 estimated').waitFor()
    for (const [format, type] of [
      ['CSV', /^text\/csv/],
      ['Markdown', /^text\/markdown/],
      ['JSON', /^application\/json/],
    ] as const) {
      const link = page.getByRole('link', { name: `Export as ${format}` })
      const response = await page.request.get(`${team.url}${await link.getAttribute('href')}`)
      expect(response.headers()['content-type']).toMatch(type)
      expect(response.headers()['content-disposition']).toMatch(/^attachment/)
      expect(await response.text()).toContain('Refund')
    }
  })
})
