import { waitUntil } from '../support/log-lines.js'
import { hold } from './support/hold.js'
import { PATIENCE_MS, type Person, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('the stories', {}, (team) => {
  /** Somebody leads a table with these stories, and sees their list. */
  async function leaderOf(...titles: string[]): Promise<Person> {
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    await page.getByRole('link', { name: 'Stories' }).click()
    for (const title of titles) {
      await field(ada).fill(title)
      await page.keyboard.press('Enter')
      await list(ada).getByText(title, { exact: true }).waitFor()
    }
    return ada
  }

  const field = ({ page }: Person) => page.getByRole('textbox', { name: 'Add a story, or paste a list' })
  const list = ({ page }: Person) => page.getByRole('region', { name: 'Stories' }).getByRole('list')
  const shown = (person: Person) => list(person).locator('bdi').allTextContents()

  /** The titles in the server's own order. */
  async function kept({ page }: Person): Promise<string[]> {
    const response = await fetch(page.url().replace('/s/', '/api/sessions/').replace(/#.*/, '/stories'))
    const { stories }: { stories: { title: string }[] } = await response.json()
    return stories.map(({ title }) => title)
  }

  /** Drops a tracker's table onto the list. */
  async function dropFile({ page }: Person, text: string): Promise<void> {
    const dataTransfer = await page.evaluateHandle((content) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([content], 'stories.csv', { type: 'text/csv' }))
      return transfer
    }, text)
    await page.getByRole('region', { name: 'Stories' }).dispatchEvent('drop', { dataTransfer })
  }

  const focused = ({ page }: Person) => page.evaluate(() => document.activeElement?.ariaLabel ?? '')

  test('are moved as often as an arrow is pressed, however slow the line: the last order is the one kept', async () => {
    const ada = await leaderOf('a', 'b', 'c', 'd', 'e')
    const { sent, letPass } = await hold(ada, '**/stories/order', 'POST')
    await ada.page.getByRole('button', { name: 'Move a' }).focus()
    for (let place = 1; place <= 4; place += 1) {
      await ada.page.keyboard.press('ArrowDown')
      await list(ada).getByRole('listitem').nth(place).getByText('a', { exact: true }).waitFor()
      expect(await focused(ada)).toBe('Move a')
    }
    await ada.page.locator('#said', { hasText: 'a: place 5 of 5.' }).waitFor({ state: 'attached' })
    await letPass()
    await letPass()
    await waitUntil(async () => (await kept(ada)).join('') === 'bcdea')
    expect(sent).toHaveLength(2)
    expect(await shown(ada)).toEqual(await kept(ada))
  })

  test('are added once and in order, however fast they are written and slow the line', async () => {
    const ada = await leaderOf()
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/stories', 'POST')
    await field(ada).fill('Login')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    for (const title of ['Search', 'Refund']) {
      await page.keyboard.type(title)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.type('half a ti')
    for (const title of ['Login', 'Search', 'Refund']) {
      await letPass()
      await list(ada).getByText(title).waitFor()
    }
    expect(sent).toHaveLength(3)
    expect(await kept(ada)).toEqual(['Login', 'Search', 'Refund'])
    expect(await field(ada).inputValue()).toBe('half a ti')
  })

  test('that were refused come back into the field, unless the next one is being written there', async () => {
    const ada = await leaderOf()
    const { page } = ada
    const tooLong = 'x'.repeat(1_000)
    const { letPass } = await hold(ada, '**/stories', 'POST')
    const refused = page.locator('.notice', { hasText: 'Some of what was entered is not valid.' })
    await field(ada).fill(tooLong)
    await page.keyboard.press('Enter')
    expect(await field(ada).inputValue()).toBe('')
    await letPass()
    await refused.waitFor()
    await waitUntil(async () => (await field(ada).inputValue()) === tooLong)
    await refused.getByRole('button').click()
    await field(ada).press('Enter')
    await page.keyboard.type('Login')
    await letPass()
    await refused.waitFor()
    expect(await field(ada).inputValue()).toBe('Login')
    expect(await kept(ada)).toEqual([])
  })

  test('that got no answer stay to be added again, whatever is added after them', async () => {
    const ada = await leaderOf()
    const { page } = ada
    await page.route('**/stories', (route) =>
      route.request().postData()?.includes('Login') === true ? route.abort() : route.continue(),
    )
    await field(ada).fill('Login')
    await page.keyboard.press('Enter')
    for (const title of ['Search', 'Refund']) {
      await page.keyboard.type(title)
      await page.keyboard.press('Enter')
    }
    await page.keyboard.type('half a ti')
    await list(ada).getByText('Refund').waitFor()
    await page.locator('.notice', { hasText: 'The server did not answer.' }).waitFor()
    await page.unroute('**/stories')
    await page.getByRole('button', { name: 'Add the story' }).click()
    await list(ada).getByText('Login').waitFor()
    expect(await page.getByRole('button', { name: 'Add the story' }).count()).toBe(0)
    expect(await field(ada).inputValue()).toBe('half a ti')
    expect(await kept(ada)).toEqual(['Search', 'Refund', 'Login'])
  })

  test('are moved while others are being added, which come last', async () => {
    const ada = await leaderOf('a', 'b', 'c')
    const { page } = ada
    const { letPass } = await hold(ada, '**/stories/order', 'POST')
    await page.getByRole('button', { name: 'Move c' }).focus()
    await page.keyboard.press('ArrowUp')
    await field(ada).fill('d')
    await page.keyboard.press('Enter')
    await list(ada).getByText('d', { exact: true }).waitFor()
    await letPass()
    await letPass()
    await waitUntil(async () => (await kept(ada)).join('') === 'acbd')
    await waitUntil(async () => (await shown(ada)).join('') === 'acbd')
    expect(await page.locator('.notice').count()).toBe(0)
  })

  test('of a file are added once by a double click', async () => {
    const ada = await leaderOf()
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/stories/import?*', 'POST')
    await page.locator('input[type="file"]').setInputFiles({
      name: 'jira.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Summary\nPay with a card\nRefund'),
    })
    await page.getByRole('button', { name: 'Add 2 stories' }).dblclick()
    await letPass()
    await page.getByText('0 of 2 estimated').waitFor()
    expect(sent).toHaveLength(1)
    expect(await kept(ada)).toEqual(['Pay with a card', 'Refund'])
  })

  test('of a file are not called back once they are under way, nor do they take another file with them', async () => {
    const ada = await leaderOf()
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/stories/import?*', 'POST')
    const cancel = page.getByRole('button', { name: 'Cancel' })
    await dropFile(ada, 'Summary\nLogin\nSearch')
    await page.getByRole('button', { name: 'Add 2 stories' }).click()
    await waitUntil(() => sent.length === 1)
    await cancel.and(page.locator('[aria-disabled="true"]')).click({ force: true })
    await page.getByText('2 stories, their titles from the column “Summary”.').waitFor()
    await dropFile(ada, 'Title\nPay\nRefund\nReturn')
    await page.getByText('3 stories, their titles from the column “Title”.').waitFor()
    await letPass()
    await page.getByText('0 of 2 estimated').waitFor()
    await page
      .getByRole('button', { name: 'Add 3 stories' })
      .and(page.locator('[aria-disabled="false"]'))
      .click()
    await letPass()
    await page.getByText('0 of 5 estimated').waitFor()
    await cancel.waitFor({ state: 'detached' })
    expect(await kept(ada)).toEqual(['Login', 'Search', 'Pay', 'Refund', 'Return'])
  })

  test('are renamed once by Enter and not at all by Escape; the focus returns to where it was', async () => {
    const ada = await leaderOf('Login')
    const { page } = ada
    const titles: unknown[] = []
    page.on('request', (request) => {
      if (request.method() === 'PATCH') titles.push(request.postDataJSON())
    })
    const title = page.getByRole('textbox', { name: 'Title of the story' })
    const edit = page.getByRole('button', { name: 'Edit title' })
    const rename = async (text: string) => {
      await edit.click()
      await title.and(page.locator(':focus')).fill(text)
    }
    await rename('Typed by mistake')
    await page.keyboard.press('Escape')
    await edit.and(page.locator(':focus')).waitFor()
    await rename('Log in')
    await page.keyboard.press('Enter')
    await edit.and(page.locator(':focus')).waitFor()
    await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor()
    await rename('Log in with a passkey')
    await page.getByRole('button', { name: 'Save' }).click()
    await edit.and(page.locator(':focus')).waitFor()
    await page.getByRole('heading', { level: 1, name: 'Log in with a passkey' }).waitFor()
    // Whoever goes on elsewhere keeps what they typed, and stays there.
    await rename('Sign in')
    await field(ada).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await field(ada).and(page.locator(':focus')).waitFor()
    expect(titles).toEqual([{ title: 'Log in' }, { title: 'Log in with a passkey' }, { title: 'Sign in' }])
  })
})
