import type { Request } from 'playwright-core'
import { waitUntil } from '../support/log-lines.js'
import { hold } from './support/hold.js'
import { card, PATIENCE_MS, type Person, setRules, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('on a slow line', {}, (team) => {
  /** Somebody leads a table alone. */
  async function leader(): Promise<Person> {
    const ada = await team.person('Ada')
    await team.opensTable(ada)
    return ada
  }

  const main = ({ page }: Person, name: string) =>
    page.locator('.main[aria-disabled="false"]', { hasText: name })
  const nextTitle = ({ page }: Person) => page.getByRole('textbox', { name: 'Next story' })
  const bodies = (sent: readonly Request[]) => sent.map((request) => request.postDataJSON())

  /** The leader chooses a card and reveals it. */
  async function reveals(ada: Person, value: string): Promise<void> {
    await card(ada, value).click()
    await main(ada, 'Reveal').click()
    await ada.page.getByRole('region', { name: 'Results' }).waitFor()
  }

  const pick = ({ page }: Person, value: string) =>
    page.getByRole('radiogroup', { name: 'Estimate to accept' }).getByRole('radio', { name: value }).click()

  test('the next round starts although the answer about the one before has not come', async () => {
    const ada = await leader()
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/start', 'POST', 'answer')
    await page.getByRole('textbox', { name: 'What is estimated?' }).fill('One')
    await main(ada, 'Start the round').click()
    await reveals(ada, '5')
    await main(ada, 'Accept').click()
    await nextTitle(ada).fill('Two')
    await main(ada, 'Next story').click()
    await page.getByRole('heading', { level: 1, name: 'Two' }).waitFor()
    await letPass()
    await letPass()
    expect(bodies(sent)).toEqual([{ title: 'One' }, { title: 'Two' }])
  })

  test('a late answer leaves what has been written since, and the buttons, as they are', async () => {
    const ada = await leader()
    const { page } = ada
    const { letPass } = await hold(ada, '**/start', 'POST', 'answer')
    await page.getByRole('textbox', { name: 'What is estimated?' }).fill('One')
    await main(ada, 'Start the round').click()
    await reveals(ada, '5')
    await nextTitle(ada).fill('Two')
    await main(ada, 'Accept').waitFor()
    await page.evaluate(() => {
      new MutationObserver(() => document.body.setAttribute('data-was-inert', '')).observe(
        document.querySelector('.main') ?? document.body,
        { attributeFilter: ['aria-disabled'] },
      )
    })
    const answered = page.waitForEvent('requestfinished', (request) => request.url().endsWith('/start'))
    await letPass()
    await answered
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await page.locator('[data-was-inert]').count()).toBe(0)
    expect(await nextTitle(ada).inputValue()).toBe('Two')
  })

  test('another estimate is accepted although the answer about the first has not come', async () => {
    const ada = await leader()
    const { sent, letPass } = await hold(ada, '**/accept', 'POST', 'answer')
    await main(ada, 'Start the round').click()
    await reveals(ada, '5')
    await main(ada, 'Accept').click()
    await main(ada, 'Next story').waitFor()
    await pick(ada, '8')
    await main(ada, 'Accept').click()
    await main(ada, 'Next story').waitFor()
    expect(bodies(sent)).toEqual([{ estimate: '5' }, { estimate: '8' }])
    await letPass()
    await letPass()
  })

  test('an estimate is accepted once by a double click, and another one after it', async () => {
    const ada = await leader()
    const { sent, letPass } = await hold(ada, '**/accept', 'POST', 'request')
    await main(ada, 'Start the round').click()
    await reveals(ada, '5')
    await main(ada, 'Accept').dblclick()
    await pick(ada, '8')
    await main(ada, 'Accept').filter({ hasText: '8' }).click()
    expect(bodies(sent)).toEqual([{ estimate: '5' }])
    await letPass()
    await letPass()
    await main(ada, 'Next story').waitFor()
    expect(bodies(sent)).toEqual([{ estimate: '5' }, { estimate: '8' }])
  })

  test('every press of one more minute adds one', async () => {
    const ada = await leader()
    await setRules(ada, { round_seconds: 60 })
    const { sent, letPass } = await hold(ada, '**/round/extend', 'POST', 'answer')
    await main(ada, 'Start the round').click()
    const timer = ada.page.getByRole('timer', { name: 'Time left' })
    const more = ada.page.getByRole('button', { name: 'One more minute' })
    await timer.filter({ hasText: /^0:/ }).waitFor()
    await more.click()
    await timer.filter({ hasText: /^1:/ }).waitFor()
    await more.click()
    await timer.filter({ hasText: /^2:/ }).waitFor()
    expect(sent).toHaveLength(2)
    await letPass()
    await letPass()
  })
  /** Somebody leads a table with these stories. */
  async function leaderWithStories(...titles: string[]): Promise<Person> {
    const ada = await leader()
    const { page } = ada
    await page.getByRole('link', { name: 'Stories' }).click()
    const field = page.getByRole('textbox', { name: 'Add a story, or paste a list' })
    for (const title of titles) {
      await field.fill(title)
      await page.keyboard.press('Enter')
      await page.getByRole('region', { name: 'Stories' }).getByText(title).waitFor()
    }
    return ada
  }

  test('a round waits for the stories, which are still being read', async () => {
    const ada = await leaderWithStories('Login', 'Search')
    const { page } = ada
    const { sent, letPass } = await hold(ada, '**/stories', 'GET', 'request')
    const started = page.waitForRequest('**/start')
    await page.reload()
    await main(ada, 'Start the round').click()
    await waitUntil(() => sent.length === 2)
    await letPass()
    await letPass()
    await page.getByRole('heading', { level: 1, name: 'Login' }).waitFor()
    expect((await started).postDataJSON()).toEqual({ story_id: expect.any(String) })
  })

  test('no round starts while its story cannot be known', async () => {
    const ada = await leaderWithStories('Login', 'Search')
    const { page } = ada
    await page.route('**/stories', (route) => route.abort())
    await page.reload()
    await main(ada, 'Start the round').click()
    await page.locator('.notice', { hasText: 'The server did not answer.' }).waitFor()
    await page.unroute('**/stories')
    await main(ada, 'Start the round').click()
    await page.getByRole('heading', { level: 1, name: 'Login' }).waitFor()
  })
  test('a title whose round has begun is not started again, though no answer came', async () => {
    const ada = await leader()
    const { page } = ada
    await page.route('**/start', async (route) => {
      await route.fetch()
      await route.abort()
    })
    const title = page.getByRole('textbox', { name: 'What is estimated?' })
    await title.fill('  Log  in ')
    await main(ada, 'Start the round').click()
    await page.getByRole('heading', { level: 1, name: 'Log in' }).waitFor()
    await reveals(ada, '5')
    expect(await nextTitle(ada).inputValue()).toBe('')
  })

  test('a story that is chosen while a round begins is still the next', async () => {
    const ada = await leaderWithStories('Login', 'Search', 'Refund')
    const { page } = ada
    const { letPass } = await hold(ada, '**/start', 'POST', 'request')
    await main(ada, 'Start the round').click()
    const stories = page.getByRole('region', { name: 'Stories' }).getByRole('listitem')
    await stories.getByRole('button', { name: 'Refund', exact: true }).click()
    await letPass()
    await stories.filter({ hasText: 'being estimated' }).getByText('Login').waitFor()
    await stories.filter({ hasText: 'next' }).getByText('Refund').waitFor()
  })
})
