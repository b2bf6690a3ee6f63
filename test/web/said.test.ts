import { bot } from './support/bots.js'
import { holdClock, passUntil, stopClock } from './support/page-clock.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

const VOTERS = 16
/** Three, two, one. */
const VOTED_MS = 1_000
/** In the page's time: longer than messages are gathered, and longer than any takes to be said. */
const GATHERED_MS = 1_300
const SAID_MS_MAX = 5_000

withTeam('what is said to those who do not see it', {}, (team) => {
  /** Records everything that the two live regions say from now on. */
  async function listen({ page }: Person): Promise<() => Promise<string[]>> {
    await page.evaluate(() => {
      const said: string[] = []
      Object.assign(globalThis, { said })
      for (const region of document.querySelectorAll('[role="status"], [role="alert"]')) {
        new MutationObserver(() => {
          const text = region.textContent ?? ''
          if (text !== '') said.push(text)
        }).observe(region, { childList: true, characterData: true, subtree: true })
      }
    })
    return () => page.evaluate(() => [...(globalThis as unknown as { said: string[] }).said])
  }

  /** Holds back the answer to joining, and the stream after it, until told to let them pass. */
  async function holdJoining({ page }: Person) {
    const [answer, stream] = [gate(), gate()]
    await page.route('**/join', async (route) => {
      const response = await route.fetch()
      await answer.isOpen
      await route.fulfill({ response })
    })
    await page.route('**/api/sse/**', async (route) => {
      await stream.isOpen
      await route.continue()
    })
    return { answer, stream }
  }

  function gate() {
    let open = () => {}
    const isOpen = new Promise<void>((resolve) => {
      open = resolve
    })
    return { isOpen, open }
  }

  /** Waits until there is something to hear, then for longer than messages are gathered. */
  async function nextSaid(person: Person, isSaid: () => Promise<boolean>): Promise<void> {
    await passUntil(person, SAID_MS_MAX, isSaid)
    await person.page.clock.runFor(GATHERED_MS)
  }

  test('check 12, said once: there are two regions, one polite and one urgent, from the beginning', async () => {
    const html = await (await fetch(team.url)).text()
    expect(html.match(/role="status"/g)).toHaveLength(1)
    expect(html.match(/role="alert"/g)).toHaveLength(1)
    const ada = await team.person('Ada')
    await team.opensTable(ada)
    expect(await ada.page.locator('[role="status"]').count()).toBe(1)
    expect(await ada.page.locator('[role="alert"]').count()).toBe(1)
  })

  test('check 12, said once: a join is said once, sixteen votes in two words, the reveal once and with the result', async () => {
    const ada = await team.person('Ada')
    await holdClock(ada)
    const link = await team.opensTable(ada)
    const heard = await listen(ada)
    await stopClock(ada)
    const bots = [await bot(link, 'Bob')]
    await nextSaid(ada, async () => (await heard()).length > 0)
    expect(await heard()).toEqual(['Bob has joined.'])
    for (let number = 2; number < VOTERS; number += 1) bots.push(await bot(link, `Bot ${number}`))
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await nextSaid(ada, () => onScreen(ada, `0 of ${VOTERS} have voted`).isVisible())
    const before = (await heard()).length
    await card(ada, '5').click()
    await Promise.all(bots.map((one) => one.votes('5')))
    await passUntil(ada, VOTED_MS, () =>
      ada.page.getByRole('button', { name: `Reveal ${VOTERS} of ${VOTERS}` }).isVisible(),
    )
    await ada.page.clock.runFor(GATHERED_MS)
    const votes = (await heard()).slice(before)
    expect(votes.length).toBeLessThanOrEqual(2)
    expect(votes.at(-1)).toContain('Everybody has voted.')
    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    await nextSaid(ada, async () => (await heard()).length > before + votes.length)
    expect((await heard()).slice(before + votes.length)).toEqual(['Revealed. All say 5.'])
  })

  test('check 12, said once: the same words are said again when the same thing happens again', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await holdClock(bob)
    await team.joins(bob, await team.opensTable(ada))
    await stopClock(bob)
    await bob.page.clock.runFor(GATHERED_MS)
    const heard = await listen(bob)
    const paused = 'Paused. Cards stay where they are.'
    const expected: string[] = []
    for (const [action, words] of [
      ['Pause', paused],
      ['Go on', 'It goes on.'],
      ['Pause', paused],
      ['Go on', 'It goes on.'],
    ] as const) {
      await ada.page.getByRole('button', { name: action }).click()
      expected.push(words)
      await nextSaid(bob, async () => (await heard()).length === expected.length)
      expect(await heard()).toEqual(expected)
    }
  })

  test('check 12, said once: whoever joins hears neither of a line that was never cut nor of themselves', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await holdClock(bob)
    const link = await team.opensTable(ada)
    await bob.page.goto(link)
    await bob.page.evaluate(() => {
      new MutationObserver(() => {
        if (document.querySelector('.notice--cut') !== null) document.body.dataset['wasCut'] = 'true'
      }).observe(document.body, { childList: true, subtree: true })
    })
    const heard = await listen(bob)
    await seat(bob, 'Ada').waitFor()
    const { answer, stream } = await holdJoining(bob)
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await stopClock(bob)
    await bob.page.keyboard.press('Enter')
    // While still watching, Bob is somebody who joins.
    await passUntil(bob, SAID_MS_MAX, () => seat(bob, 'Bob').isVisible())
    answer.open()
    await passUntil(bob, SAID_MS_MAX, () => seat(bob, 'Bob').getByText(/^You/).isVisible())
    await bob.page.clock.runFor(GATHERED_MS)
    stream.open()
    await bot(link, 'Cem')
    await nextSaid(bob, async () => (await heard()).length > 0)
    expect(await heard()).toEqual(['Cem has joined.'])
    expect(await bob.page.locator('[data-was-cut]').count()).toBe(0)
  })

  const said = ({ page }: Person, words: string) =>
    page.locator('#said').filter({ hasText: words }).waitFor({ state: 'attached' })

  test('what can still be undone, what was refused, and a card that came too late are said too', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'Remove Bob' }).click()
    await said(ada, 'Bob will be removed in a moment.')
    await ada.page.getByRole('button', { name: 'Undo' }).click()
    await ada.page.getByRole('link', { name: 'Back to the table' }).click()
    await ada.page.getByRole('link', { name: 'Stories' }).click()
    await ada.page.getByRole('textbox', { name: 'Add a story, or paste a list' }).fill('x'.repeat(1_000))
    await ada.page.keyboard.press('Enter')
    const notice = ada.page.locator('.notice p')
    await notice.waitFor()
    await said(ada, (await notice.textContent()) ?? '')
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '5').click()
    await bob.page.locator('.hand[aria-disabled="false"]').waitFor()
    await bob.page.route('**/vote', (route) => route.abort())
    await card(bob, '8').click()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 2' }).click()
    await said(bob, 'Your 8 came too late')
  })

  test('why somebody cannot join is said, and belongs to the field', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await bob.page.goto(await team.opensTable(ada))
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('x'.repeat(120))
    await bob.page.keyboard.press('Enter')
    const refusal = bob.page.locator('#name-fault')
    await refusal.waitFor()
    const [words = ''] = await refusal.locator('p').allTextContents()
    await said(bob, words)
    expect(await bob.page.getByRole('textbox', { name: 'Your name' }).getAttribute('aria-describedby')).toBe(
      'name-fault name-hint',
    )
  })

  test('German counts, names the missing and reads the cards as Germans do', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob', { locale: 'de-DE' })
    const link = await team.opensTable(ada)
    await bob.page.goto(link)
    await bob.page.getByRole('textbox', { name: 'Dein Name' }).fill('Bob')
    await bob.page.keyboard.press('Enter')
    await seat(ada, 'Bob').waitFor()
    await bot(link, 'Cem')
    await seat(ada, 'Cem').waitFor()
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await onScreen(bob, 'Es fehlen noch: Ada, Bob und Cem.').waitFor()
    await card(bob, 'Kaffee').click()
    await onScreen(bob, '1 von 3 hat gewählt').waitFor()
    await card(ada, '5').click()
    await onScreen(bob, '2 von 3 haben gewählt').waitFor()
    await onScreen(bob, 'Es fehlt noch: Cem.').waitFor()
  })

  test("the language of a refusal is named where it is not the page's", async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob', { locale: 'de-DE' })
    const { page } = bob
    await page.goto(await team.opensTable(ada))
    await page.getByRole('textbox', { name: 'Dein Name' }).fill('Bob')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Einladen' }).click()
    const languageOf = (text: string) =>
      onScreen(bob, text).evaluate((element) => element.closest('[lang]')?.getAttribute('lang'))
    await page.route('**/seat-code', (route) => route.abort())
    await page.getByRole('button', { name: 'Code zeigen' }).click()
    expect(await languageOf('Der Server hat nicht geantwortet. Bitte noch einmal versuchen.')).toBe('de')
    await page.unroute('**/seat-code')
    await page.route('**/seat-code', (route) => route.continue({ method: 'PUT' }))
    await page.getByRole('button', { name: 'Code zeigen' }).click()
    expect(await languageOf('This address does not answer this method.')).toBe('en')
  })
})
