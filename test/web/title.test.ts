import { STORY_LIMITS } from '../../machines/session/story.js'
import { waitUntil } from '../support/log-lines.js'
import { type FaultyProxy, startProxy } from '../support/proxy.js'
import { bot } from './support/bots.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, setRules, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('a title that is being edited', {}, (team) => {
  let proxy: FaultyProxy

  beforeAll(async () => {
    proxy = await startProxy(team.server.url, { retryMs: 300 })
  })
  afterAll(async () => {
    await proxy.close()
  })

  /** Somebody leads a table with these stories. */
  async function leaderOf(...titles: string[]) {
    const ada = await team.person('Ada')
    const { page } = ada
    const link = await team.opensTable(ada)
    await ask(ada, 'POST', '/stories', { stories: titles.map((title) => ({ title })) })
    await heading(ada, titles[0]).waitFor()
    /** What the page asked the server for: a method, an address, a body. */
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'GET') return
      asked.push(`${request.method()} /${request.url().split('/').at(-1)} ${request.postData()}`)
    })
    return { ada, page, link, asked }
  }

  async function startRound(ada: Person): Promise<void> {
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await ada.page.locator('.hand[aria-disabled="false"]').waitFor()
  }

  const field = ({ page }: Person) => page.getByRole('textbox', { name: 'Title of the story' })
  const heading = ({ page }: Person, name = '') => page.getByRole('heading', { level: 1, name, exact: true })

  /** Empties the title, and begins to type another one. */
  async function edit(person: Person, text: string): Promise<void> {
    await person.page.getByRole('button', { name: 'Edit title' }).click()
    await field(person).and(person.page.locator(':focus')).fill('')
    await person.page.keyboard.type(text)
  }

  /** Does something over the API alone, as this person may. */
  function ask({ page }: Person, method: string, path: string, body?: object) {
    return page.evaluate(
      async ([how, where, what]) => {
        const [{ sessionId, userToken }] = JSON.parse(localStorage.getItem('magnapp.seats') ?? '[{}]')
        const response = await fetch(`/api/sessions/${sessionId}${where}`, {
          method: how,
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${userToken}` },
          ...(what !== undefined && { body: JSON.stringify(what) }),
        })
        return response.json()
      },
      [method, path, body] as const,
    )
  }

  interface Story {
    readonly id: string
    readonly title: string
  }

  const storiesOf = async (person: Person): Promise<Story[]> => (await ask(person, 'GET', '/stories')).stories
  const titlesOf = async (person: Person) => (await storiesOf(person)).map(({ title }) => title)

  test('goes on being typed while the round is revealed, and is saved once', async () => {
    const { ada, page, link, asked } = await leaderOf('Login')
    const bob = await bot(link, 'Bob')
    await seat(ada, 'Bob').waitFor()
    await setRules(ada, { auto_reveal: true })
    await startRound(ada)
    await card(ada, '5').click()
    await seat(ada, 'Ada').getByText('Voted').waitFor()
    await edit(ada, 'Pay for a story')
    for (const _letter of 'a story') await page.keyboard.press('Shift+ArrowLeft')
    await bob.votes('5')
    await page.getByRole('region', { name: 'Results' }).waitFor()
    asked.length = 0
    await page.keyboard.type('up to 8 h')
    expect(await field(ada).inputValue()).toBe('Pay for up to 8 h')
    expect(asked).toEqual([])
    await page.keyboard.press('Enter')
    await heading(ada, 'Pay for up to 8 h').waitFor()
    expect(asked).toHaveLength(1)
    expect(page.url()).not.toContain('#')
  })

  test('goes on being typed while the line is cut and when it is back', async () => {
    team.url = proxy.url
    const { ada, page, asked } = await leaderOf('Login')
    team.url = team.server.url
    await startRound(ada)
    await edit(ada, 'Import ')
    asked.length = 0
    proxy.fault.isDown = true
    proxy.cut()
    await onScreen(ada, /^No connection for/).waitFor()
    await page.keyboard.type('5 tables')
    proxy.fault.isDown = false
    await onScreen(ada, /^No connection for/).waitFor({ state: 'detached' })
    await page.keyboard.type(' or 8')
    expect(await field(ada).inputValue()).toBe('Import 5 tables or 8')
    expect(asked.filter((request) => /PATCH|vote/.test(request))).toEqual([])
    await page.keyboard.press('Enter')
    await heading(ada, 'Import 5 tables or 8').waitFor()
  })

  test('of the first round goes on being typed while the line is cut, and starts nothing until it is back', async () => {
    team.url = proxy.url
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    team.url = team.server.url
    const first = page.getByRole('textbox', { name: 'What is estimated?' })
    await first.click()
    await page.keyboard.type('Import ')
    proxy.fault.isDown = true
    proxy.cut()
    await onScreen(ada, /^No connection for/).waitFor()
    await page.keyboard.type('5 tables')
    await page.keyboard.press('Enter')
    proxy.fault.isDown = false
    await onScreen(ada, /^No connection for/).waitFor({ state: 'detached' })
    expect(await first.and(page.locator(':focus')).inputValue()).toBe('Import 5 tables')
    await page.keyboard.press('Enter')
    await heading(ada, 'Import 5 tables').waitFor()
    // The field is gone, but its writer has finished: keys choose cards.
    await page.locator('.hand[aria-disabled="false"]').waitFor()
    await page.keyboard.press('5')
    await card(ada, '5').and(page.locator(':checked')).waitFor({ state: 'attached' })
  })

  test('is still there after another window had the focus', async () => {
    const { ada, page, asked } = await leaderOf('Login')
    await edit(ada, 'Half a ti')
    await field(ada).dispatchEvent('focusout')
    // After whatever that has led to.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)))
    await page.keyboard.type('tle')
    expect(await field(ada).inputValue()).toBe('Half a title')
    expect(asked).toEqual([])
  })

  test('is still there after the table was left for another panel, and is not saved by that', async () => {
    const { ada, page, asked } = await leaderOf('Login')
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.goBack()
    await edit(ada, 'Half a ti')
    await page.goForward()
    await heading(ada, 'Settings').waitFor()
    await page.goBack()
    await field(ada).and(page.locator(':focus')).waitFor()
    await page.keyboard.type('tle')
    expect(await field(ada).inputValue()).toBe('Half a title')
    expect(asked).toEqual([])
  })

  test('stays the title of its story, whichever is next meanwhile', async () => {
    const { ada, page } = await leaderOf('Login', 'Search')
    const [login, search] = await storiesOf(ada)
    await page.getByRole('link', { name: 'Stories' }).click()
    const list = page.getByRole('region', { name: 'Stories' }).getByRole('listitem')
    await list.first().getByText('Login').waitFor()
    await edit(ada, 'Log in')
    await ask(ada, 'POST', '/stories/order', { ids: [search?.id, login?.id] })
    await list.first().getByText('Search').waitFor()
    await page.keyboard.press('Enter')
    await heading(ada, 'Search').waitFor()
    await waitUntil(async () => (await titlesOf(ada)).join() === 'Search,Log in')
  })

  const ENDS = [
    ['the story is deleted', (ada: Person, story: Story) => ask(ada, 'DELETE', `/stories/${story.id}`)],
    [
      'somebody else leads',
      (ada: Person, _: Story, id: string) => ask(ada, 'POST', `/transfer?new_master_id=${id}`),
    ],
  ] as const

  test.each(ENDS)(
    'is given up when %s: nothing is saved, and what is typed on does nothing',
    async (_name, end) => {
      const { ada, page, link, asked } = await leaderOf('Login')
      const bob = await bot(link, 'Bob')
      await seat(ada, 'Bob').waitFor()
      await startRound(ada)
      const [story] = await storiesOf(ada)
      if (story === undefined) throw new Error('there is no story')
      await card(ada, '3').click()
      await seat(ada, 'Ada').getByText('Voted').waitFor()
      await edit(ada, 'Half')
      await end(ada, story, bob.userId)
      await field(ada).waitFor({ state: 'detached' })
      await page.locator('main:focus').waitFor()
      asked.length = 0
      await page.keyboard.type(' an hour, 5 or 8')
      await page.keyboard.press('Backspace')
      expect(page.url()).not.toContain('#')
      await page.keyboard.press('Enter')
      expect(await card(ada, '3').isChecked()).toBe(true)
      expect(asked).toEqual([])
      // The text is finished: keys choose cards again.
      await page.keyboard.press('8')
      await card(ada, '8').and(page.locator(':checked')).waitFor({ state: 'attached' })
      expect(await titlesOf(ada)).not.toContain('Half')
    },
  )

  test('comes back into the field when it was refused or there was no answer', async () => {
    const { ada, page } = await leaderOf('Login')
    const path = '**/stories/*'
    await edit(ada, 'Log in')
    await page.route(path, (route) => route.abort())
    await page.keyboard.press('Enter')
    await onScreen(ada, 'The server did not answer.').waitFor()
    await field(ada).and(page.locator(':focus')).waitFor()
    await page.unroute(path)
    await page.keyboard.type(' with a passkey')
    await page.route(path, (route) => route.continue({ postData: { title: 'x'.repeat(1_000) } }))
    await page.keyboard.press('Enter')
    await onScreen(ada, 'Some of what was entered is not valid.').waitFor()
    await field(ada).and(page.locator(':focus')).waitFor()
    await page.unroute(path)
    const text = 'Log in with a passkey'
    expect(await field(ada).inputValue()).toBe(text)
    await page.keyboard.press('Enter')
    await heading(ada, text).waitFor()
    expect(await titlesOf(ada)).toEqual([text])
  })

  test('comes back without taking the focus from whoever has gone on elsewhere', async () => {
    const { ada, page } = await leaderOf('Login')
    await page.getByRole('link', { name: 'Stories' }).click()
    const next = page.getByRole('textbox', { name: 'Add a story, or paste a list' })
    await next.waitFor()
    let refuse = () => {}
    const isRefused = new Promise<void>((resolve) => {
      refuse = resolve
    })
    await page.route('**/stories/*', async (route) => {
      await isRefused
      await route.continue({ postData: { title: 'x'.repeat(1_000) } })
    })
    await edit(ada, 'Log in')
    await next.click()
    await field(ada).waitFor({ state: 'detached' })
    refuse()
    await field(ada).waitFor()
    await page.keyboard.type('Search')
    expect(await next.inputValue()).toBe('Search')
    expect(await field(ada).inputValue()).toBe('Log in')
  })

  test('cannot be longer than the server allows', async () => {
    const { ada, page } = await leaderOf('Login')
    const longest = 'x'.repeat(STORY_LIMITS.titleLength)
    await edit(ada, '')
    await page.keyboard.insertText(`${longest}x`)
    await page.keyboard.press('Enter')
    await heading(ada, longest).waitFor()
  })
})
