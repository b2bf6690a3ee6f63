import { TYPING_MS } from '../../src/web/table/typed-card.js'
import { bot } from './support/bots.js'
import { goOn, holdClock, passUntil, stopClock } from './support/page-clock.js'
import { card, PATIENCE_MS, type Person, seat, setRules, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** More stops than any screen has. */
const STOPS_MAX = 60

withTeam('a meeting by keys alone', {}, (team) => {
  /** Presses Tab until the focus is on something with this name. */
  async function tabTo({ page }: Person, name: RegExp): Promise<void> {
    const met: string[] = []
    while (met.length < STOPS_MAX) {
      await page.keyboard.press('Tab')
      const focused = await focusedName(page)
      if (name.test(focused)) return
      met.push(focused)
    }
    throw new Error(`no stop is named ${name}, only ${met.join(' | ')}`)
  }

  function focusedName(page: Person['page']): Promise<string> {
    return page.evaluate(() => {
      const { activeElement } = document
      if (activeElement === null || activeElement === document.body) return ''
      const labels = activeElement instanceof HTMLInputElement ? [...(activeElement.labels ?? [])] : []
      const label = activeElement.getAttribute('aria-label') ?? labels.map((text) => text.textContent).join()
      return (label || activeElement.textContent || activeElement.tagName).trim()
    })
  }

  async function press(person: Person, name: RegExp, key = 'Enter'): Promise<void> {
    await tabTo(person, name)
    await person.page.keyboard.press(key)
  }

  /** Presses the main action, once it has this name and is no longer inert. */
  async function pressMain(person: Person, name: string): Promise<void> {
    await person.page.locator('.main[aria-disabled="false"]', { hasText: name }).waitFor()
    await press(person, new RegExp(`^${name}`))
  }

  test('check 11, keys only: it is opened, stories are added, moved, voted on, revealed and accepted, and it is handed over and left', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await page.goto(team.url)
    await tabTo(ada, /^Your name/)
    await page.keyboard.type('Ada')
    await tabTo(ada, /^Name of the table/)
    await page.keyboard.type('Payments')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Start the round' }).waitFor()
    const bob = await bot(page.url(), 'Bob')
    await seat(ada, 'Bob').waitFor()

    await press(ada, /^Stories$/)
    const stories = page.getByRole('region', { name: 'Stories' })
    await stories.waitFor()
    await tabTo(ada, /^Add a story/)
    for (const title of ['Login', 'Search']) {
      await page.keyboard.type(title)
      await page.keyboard.press('Enter')
      await stories.getByText(title).waitFor()
    }
    await tabTo(ada, /^Move Search/)
    await page.keyboard.press('ArrowUp')
    await stories.getByRole('listitem').first().getByText('Search').waitFor()
    expect(await focusedName(page)).toBe('Move Search')
    await page.keyboard.press('Escape')
    await stories.waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Stories')

    await press(ada, /^Start the round/)
    await page.getByText('0 of 2 have voted', { exact: true }).waitFor({ state: 'attached' })
    await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor()
    await bob.votes('13')
    // The hand is one stop; arrows go from card to card, and Space chooses.
    await tabTo(ada, /^1$/)
    for (const _card of ['2', '3']) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Space')
    await seat(ada, 'Ada').getByText('Voted').waitFor()
    expect(await card(ada, '3').isChecked()).toBe(true)
    await pressMain(ada, 'Reveal')
    await page.getByRole('region', { name: 'Results' }).waitFor()
    expect(await focusedName(page)).not.toBe('')
    await pressMain(ada, 'Accept')
    await page
      .getByText(/^Accepted: /)
      .first()
      .waitFor({ state: 'attached' })
    await pressMain(ada, 'Next story')
    await page.getByRole('heading', { level: 1, name: 'Login' }).waitFor()
    await press(ada, /^Settings$/)
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    await press(ada, /^Hand over to Bob/)
    await page.getByRole('button', { name: 'Hand over to Bob' }).waitFor({ state: 'detached' })
    await press(ada, /^Leave the table/)
    await page.getByRole('heading', { name: 'You have left the table.' }).waitFor()
  })

  test('check 11, keys only: digits mean the text on a card, and do nothing in text fields, with modifiers, or when switched off', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    await page.getByRole('button', { name: 'Start the round' }).click()
    // Before that, a key would be for a round that does not exist yet.
    await page.locator('.hand[aria-disabled="false"]').waitFor()
    const chosen = () =>
      page.evaluate(() => document.querySelector<HTMLInputElement>('[name="card"]:checked')?.value ?? null)
    await page.keyboard.press('5')
    await card(ada, '5').and(page.locator(':checked')).waitFor({ state: 'attached' })
    // In quick succession, however busy this machine is.
    await page.evaluate(() => {
      for (const key of ['1', '3']) dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    })
    await page.locator('input[value="13"]:checked').waitFor({ state: 'attached' })
    for (const keys of ['Control+8', 'Alt+8', 'Meta+8']) await page.keyboard.press(keys)
    await page.evaluate(() =>
      dispatchEvent(new KeyboardEvent('keydown', { key: '8', isComposing: true, bubbles: true })),
    )
    expect(await chosen()).toBe('13')
    await page.keyboard.press('Backspace')
    await page.waitForFunction(() => document.querySelector('[name="card"]:checked') === null)
    await page.getByRole('link', { name: 'Stories' }).click()
    await page.getByRole('textbox', { name: 'Add a story, or paste a list' }).fill('')
    await page.keyboard.type('8 h')
    expect(await chosen()).toBeNull()
    expect(await page.getByRole('heading', { level: 1, name: 'Keys' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('switch', { name: /^Keys choose a card/ }).click()
    await page.keyboard.press('Escape')
    await page.getByRole('radiogroup', { name: 'Your card' }).waitFor()
    await page.keyboard.press('8')
    await page.keyboard.press('h')
    await page.waitForTimeout(300)
    expect(await chosen()).toBeNull()
    expect(page.url()).not.toContain('#keys')
  })

  test('where the last card reveals the round, a first digit waits for the second, for Enter, or a moment', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    const votes: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/vote')) votes.push(request.postDataJSON().vote)
    })
    const type = (...keys: string[]) =>
      page.evaluate((pressed) => {
        for (const key of pressed) dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
      }, keys)
    const revealed = () => page.getByRole('region', { name: 'Results' }).waitFor()
    const again = async () => {
      await page.getByRole('button', { name: 'Vote again' }).click()
      await page.locator('.hand[aria-disabled="false"]').waitFor()
    }
    await holdClock(ada)
    await team.opensTable(ada)
    await setRules(ada, { auto_reveal: true })
    await page.getByRole('button', { name: 'Start the round' }).click()
    await page.locator('.hand[aria-disabled="false"]').waitFor()
    await type('1', '3')
    await revealed()
    expect(votes).toEqual(['13'])
    await again()
    await type('2')
    await revealed()
    expect(votes).toEqual(['13', '2'])
    await again()
    await stopClock(ada)
    await type('1')
    await passUntil(ada, TYPING_MS / 2, () => card(ada, '1').isChecked())
    expect(votes).toHaveLength(2)
    await type('Enter')
    await passUntil(ada, TYPING_MS / 2, () => votes.length > 2)
    await goOn(ada)
    await revealed()
    await again()
    // The last choice counts, whichever way it was made.
    await type('1')
    await card(ada, '8').click()
    await revealed()
    expect(votes).toEqual(['13', '2', '1', '8'])
  })

  test('whoever hands over, undoes or asks for a code keeps the focus within the panel', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await bot(await team.opensTable(ada), 'Bob')
    await seat(ada, 'Bob').waitFor()
    const focusIsInPanel = () => page.waitForFunction(() => document.activeElement?.closest('main') !== null)
    await page.getByRole('link', { name: 'Settings' }).click()
    await press(ada, /^Let Bob only watch$/)
    await page.getByRole('button', { name: 'Let Bob vote too' }).waitFor()
    await press(ada, /^Remove Bob/)
    await press(ada, /^Undo/)
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' })
    await focusIsInPanel()
    await press(ada, /^Hand over to Bob/)
    await page.getByRole('button', { name: 'Hand over to Bob' }).waitFor({ state: 'detached' })
    await focusIsInPanel()
    await page.getByRole('link', { name: 'Back to the table' }).click()
    await page.getByRole('link', { name: 'Invite' }).click()
    await press(ada, /^Show the code/)
    await page.locator('.code').waitFor()
    await focusIsInPanel()
  })
})
