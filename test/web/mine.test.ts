import { waitUntil } from '../support/log-lines.js'
import { goOn, holdClock, passUntil, stopClock } from './support/page-clock.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, setRules, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** After a reveal the buttons are inert for a second. */
const STILL_INERT_MS = 900
/** Longer than an action that can be undone is held back. */
const UNDO_MS = 5_500

withTeam('a card', { DISCONNECT_DEBOUNCE_SECONDS: '0.2' }, (team) => {
  async function meeting() {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await holdClock(ada)
    await holdClock(bob)
    const cem = await team.person('Cem')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await team.joins(cem, link)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await onScreen(bob, '0 of 3 have voted').waitFor()
    return { ada, bob, cem, link }
  }

  /** Everything that a browser holds: what it draws, says and stores. */
  async function everything({ page }: Person): Promise<string> {
    return page.evaluate(() => {
      const attributes = [
        ...document.querySelectorAll('#page .stage *, #page .people *, [role="status"], [role="alert"]'),
      ]
      return JSON.stringify([
        document.title,
        attributes.map((element) => [
          element.textContent,
          [...element.attributes].map(({ name, value }) => `${name}=${value}`),
        ]),
        // The deck is no secret.
        Object.entries(localStorage).map(([name, value]) => [name, value.replace(/"cards":\[[^\]]*\]/g, '')]),
        Object.entries(sessionStorage),
      ])
    })
  }

  test('check 4, mine and only mine: only the latest choice is marked, after a reload and in another tab too', async () => {
    const { bob, ada, link } = await meeting()
    await card(bob, '8').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    const arrived = bob.page.waitForResponse((response) => response.url().endsWith('/vote'))
    await card(bob, '21').click()
    await arrived
    const marked = (page = bob.page) =>
      page.evaluate(() => [
        [...document.querySelectorAll<HTMLInputElement>('input[name="card"]:checked')].map(
          ({ value }) => value,
        ),
        [...document.querySelectorAll('.card.is-up .v')].map(({ textContent }) => textContent),
      ])
    expect(await marked()).toEqual([['21'], ['21']])
    await bob.page.reload()
    await bob.page.locator('input[value="21"]:checked').waitFor({ state: 'attached' })
    expect(await marked()).toEqual([['21'], ['21']])
    const second = await bob.context.newPage()
    await second.goto(link)
    await second.locator('input[value="21"]:checked').waitFor({ state: 'attached' })
    // No other browser has it in any form.
    expect(await everything(ada)).not.toMatch(/\b21\b/)
  })

  test('check 4, mine and only mine: is awaited by name from those present, and words say who is away', async () => {
    const { ada, bob, cem } = await meeting()
    await card(bob, '3').click()
    await onScreen(ada, 'Waiting for Ada and Cem.').waitFor()
    await cem.context.close()
    await onScreen(ada, 'Waiting for Ada. Cem is away and not counted.').waitFor()
    await seat(ada, 'Cem').getByText('Away').waitFor()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 2' }).waitFor()
  })

  test('that was chosen looks chosen even under the pointer, which a finger leaves there', async () => {
    const { bob } = await meeting()
    await card(bob, '8').click()
    await seat(bob, 'Bob').getByText('Voted').waitFor()
    const look = () =>
      bob.page.evaluate(async () => {
        await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
        const plate = document.querySelector('.card.is-up .plate')
        if (plate === null) throw new Error('no card is up')
        const { backgroundColor, color } = getComputedStyle(plate)
        return [backgroundColor, color]
      })
    const pointedAt = await look()
    await bob.page.mouse.move(0, 0)
    expect(pointedAt).toEqual(await look())
  })

  test('of the leader lies face down until they want to see it', async () => {
    const { ada, bob } = await meeting()
    await card(ada, '13').click()
    await onScreen(ada, 'Your card is down').waitFor()
    // Checked but not visible: the radio button tells its owner, the drawing nobody.
    expect(await card(ada, '13').isChecked()).toBe(true)
    expect(await ada.page.locator('.is-up').count()).toBe(0)
    expect(await ada.page.locator('.mine').textContent()).not.toContain('13')
    await ada.page.getByRole('button', { name: 'Show' }).click()
    expect(await ada.page.locator('.is-up .v').textContent()).toBe('13')
    await card(bob, '5').click()
    await bob.page.getByRole('button', { name: 'Hide while sharing' }).click()
    expect(await bob.page.locator('.is-up').count()).toBe(0)
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await bob.page.reload()
    await onScreen(bob, 'Your card is down').waitFor()
  })

  test('check 5, no second shot: is revealed once, however often the button is pressed', async () => {
    const { ada, bob } = await meeting()
    const reveal = ada.page.getByRole('button', { name: /^Reveal/ })
    expect(await reveal.isDisabled()).toBe(true)
    await card(bob, '5').click()
    await ada.page.locator('.main[aria-disabled="false"]').waitFor()
    const commands: string[] = []
    ada.page.on('request', (request) => {
      if (request.method() === 'POST') commands.push(new URL(request.url()).pathname.split('/').at(-1) ?? '')
    })
    const box = await reveal.boundingBox()
    if (box === null) throw new Error('there is no such button')
    const [x, y] = [box.x + 20, box.y + 20]
    await stopClock(ada)
    await ada.page.mouse.dblclick(x, y)
    await passUntil(ada, STILL_INERT_MS, () =>
      ada.page.getByRole('button', { name: 'Vote again' }).isVisible(),
    )
    // The button there now is not the one that was meant.
    await ada.page.mouse.click(x, y)
    await ada.page.mouse.click(x, y)
    expect(commands).toEqual(['reveal'])
    await goOn(ada)
    await bob.page.getByRole('region', { name: 'Results' }).waitFor()
    // A moment later, it is.
    await ada.page.getByRole('button', { name: 'Vote again' }).click()
    await onScreen(bob, '0 of 3 have voted').waitFor()
    expect(commands).toEqual(['reveal', 'start'])
  })

  test('check 5, no second shot: is revealed once, without a new round, by two who press 50 ms apart', async () => {
    const { ada, bob } = await meeting()
    await setRules(ada, { who_may_reveal: 'everyone' })
    await card(bob, '5').click()
    const commands: string[] = []
    for (const { page } of [ada, bob]) {
      await page.locator('.main[aria-disabled="false"]').waitFor()
      page.on('response', (response) => {
        if (response.request().method() === 'POST')
          commands.push(`${new URL(response.url()).pathname.split('/').at(-1)} ${response.ok()}`)
      })
    }
    const boxes = await Promise.all([ada, bob].map(({ page }) => page.locator('.main').boundingBox()))
    // However long the second press takes, the first one's effect is not drawn before it.
    for (const person of [ada, bob]) await stopClock(person)
    await Promise.all(
      [ada, bob].map(async ({ page }, index) => {
        await page.waitForTimeout(index * 50)
        const { x, y } = boxes[index] ?? { x: 0, y: 0 }
        await page.mouse.click(x + 20, y + 20)
      }),
    )
    for (const person of [ada, bob]) await goOn(person)
    for (const { page } of [ada, bob]) await page.getByRole('region', { name: 'Results' }).waitFor()
    await waitUntil(() => commands.length >= 2)
    expect(commands.sort()).toEqual(['reveal false', 'reveal true'])
  })

  test('check 5, no second shot: of somebody removed by mistake stays: the removal can be undone', async () => {
    const { ada, cem } = await meeting()
    const commands: string[] = []
    ada.page.on('request', (request) => {
      if (request.method() !== 'GET') commands.push(request.url())
    })
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'Remove Cem' }).waitFor()
    await stopClock(ada)
    await ada.page.getByRole('button', { name: 'Remove Cem' }).click()
    await ada.page.getByRole('button', { name: 'Undo' }).click()
    await ada.page.getByRole('button', { name: 'End the table' }).click()
    await ada.page.getByRole('button', { name: 'Undo' }).click()
    await ada.page.clock.runFor(UNDO_MS)
    await goOn(ada)
    expect(commands).toEqual([])
    await ada.page.getByRole('button', { name: 'Remove Cem' }).click()
    await cem.page.getByRole('heading', { name: 'You were removed from the table.' }).waitFor()
    await cem.page.getByRole('button', { name: 'Take a seat again' }).click()
    await cem.page.getByRole('button', { name: 'Join' }).click()
    await cem.page.getByRole('radiogroup', { name: 'Your card' }).waitFor()
  })

  test('check 5, no second shot: somebody removed is not forgotten for the next one, who alone can be undone', async () => {
    const { ada, bob, cem } = await meeting()
    const commands: string[] = []
    ada.page.on('request', (request) => {
      const [, command] = request.url().match(/\/(kick|leave)\b/) ?? []
      if (request.method() === 'POST' && command !== undefined) commands.push(command)
    })
    const press = (name: string) => ada.page.getByRole('button', { name }).click()
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'Remove Cem' }).waitFor()
    await stopClock(ada)
    await press('Remove Cem')
    await press('Remove Cem')
    expect(commands).toEqual([])
    await press('Remove Bob')
    await cem.page.getByRole('heading', { name: 'You were removed from the table.' }).waitFor()
    await press('Undo')
    // Of two ways out, the second is meant instead of the first.
    await press('Leave the table')
    await press('End the table')
    await ada.page.clock.runFor(UNDO_MS)
    await goOn(ada)
    await bob.page.getByRole('heading', { name: 'The Scrum Master has closed the table.' }).waitFor()
    expect(commands).toEqual(['kick'])
  })
})
