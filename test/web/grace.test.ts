import { waitUntil } from '../support/log-lines.js'
import { card, onScreen, PATIENCE_MS, seat, withTeam } from './support/team.js'

jest.setTimeout(2 * PATIENCE_MS)

/** Long enough for a busy machine to do in time what has to be done. */
const GRACE_MINUTES = 0.3
const IDLE_MINUTES = 0.8

const MISSED_SOON = {
  GRACE_PERIOD_MINUTES: String(GRACE_MINUTES),
  GRACE_WARNING_MINUTES: '0.05',
  DISCONNECT_DEBOUNCE_SECONDS: '0.2',
}

withTeam('when somebody is missing, or time runs out', MISSED_SOON, (team) => {
  async function meeting() {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const cem = await team.person('Cem')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await team.joins(cem, link)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(bob, '5').click()
    await seat(cem, 'Bob').getByText('Voted').waitFor()
    return { ada, bob, cem, link }
  }

  test('check 9, grace: the others see whom they wait for, how long, and who leads then; that person is told', async () => {
    const { ada, bob, cem } = await meeting()
    await ada.context.close()
    await onScreen(bob, 'Waiting for Ada.', { exact: true }).waitFor()
    await onScreen(bob, 'Then you lead').waitFor()
    await onScreen(cem, 'Then Bob leads.').waitFor()
    await seat(cem, 'Bob').getByText('Leads next').waitFor()
    // The hand is inert, with one's card where it was.
    expect(await card(bob, '5').isChecked()).toBe(true)
    expect(await bob.page.getByRole('radiogroup', { name: 'Your card' }).getAttribute('aria-disabled')).toBe(
      'true',
    )
    const clock = bob.page.locator('.notice .count')
    const early = await clock.textContent()
    expect(early).toMatch(/^0:[01]\d$/)
    await card(bob, '8').focus()
    await bob.page.waitForFunction((from) => {
      const now = document.querySelector('.notice .count')?.textContent ?? null
      return now !== null && from !== null && now < from
    }, early)
    await bob.page.getByRole('alert').getByText('You lead now.').waitFor({ state: 'attached' })
    // They are told, and stay where they are.
    expect(await bob.page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.value)).toBe(
      '8',
    )
    await bob.page.getByRole('button', { name: 'Reveal 1 of 2' }).waitFor()
    await cem.page.getByRole('status').getByText('Bob leads now.').waitFor({ state: 'attached' })
  })

  test('check 9, grace: a return in time is all it takes', async () => {
    const { ada, bob, link } = await meeting()
    await ada.page.goto('about:blank')
    await onScreen(bob, 'Waiting for Ada.', { exact: true }).waitFor()
    await ada.page.goto(link)
    await onScreen(bob, 'Waiting for Ada.', { exact: true }).waitFor({ state: 'detached' })
    await ada.page.getByRole('button', { name: 'Reveal 1 of 3' }).waitFor()
    expect(await bob.page.getByRole('button', { name: /^Reveal/ }).count()).toBe(0)
  })
})

/** How often one command is sent until its sender gives up. */
const ATTEMPTS_MAX = 3

const OVER_SOON = {
  SESSION_TIMEOUT_MINUTES: String(IDLE_MINUTES),
  SESSION_WARNING_MINUTES: '0.6',
  MAX_SESSIONS: '1',
  DESERTED_MINUTES: '0',
  DISCONNECT_DEBOUNCE_SECONDS: '0.2',
}

withTeam('the end of a table', OVER_SOON, (team) => {
  test('check 9, end: is announced where nobody stirs, put off by a button or a moving hand, and reported when it comes', async () => {
    const ada = await team.person('Ada')
    const cem = await team.person('Cem')
    const link = await team.opensTable(ada)
    await team.joins(cem, link)
    const extensions: string[] = []
    ada.page.on('request', (request) => {
      if (request.url().endsWith('/extend')) extensions.push(request.url())
    })
    const notice = onScreen(ada, /^The table closes in 0:[0123]\d, unless somebody stirs\.$/)
    await notice.waitFor()
    await ada.page.getByRole('alert').getByText('about to close').waitFor({ state: 'attached' })
    // A stream that comes and goes is nobody's doing.
    await cem.page.goto('about:blank')
    await seat(ada, 'Cem').getByText('Away').waitFor()
    await cem.page.goto(link)
    await seat(ada, 'Cem').getByText('Here').waitFor()
    expect(await notice.count()).toBe(1)
    await ada.page.getByRole('button', { name: 'Keep it open' }).press('Enter')
    await notice.waitFor({ state: 'detached' })
    await notice.waitFor()
    const before = extensions.length
    await ada.page.mouse.move(200, 200)
    await ada.page.mouse.move(220, 220)
    await notice.waitFor({ state: 'detached' })
    await waitUntil(() => extensions.length > before)
    expect(extensions.length).toBe(before + 1)
    // A request that failed is made again, and the notice stays there for whoever comes meanwhile.
    await notice.waitFor()
    let asked = 0
    await ada.page.route('**/extend', (route) => {
      asked += 1
      return route.abort()
    })
    await waitUntil(async () => {
      await ada.page.mouse.move(240, 240 + (performance.now() % 20))
      return asked > ATTEMPTS_MAX
    })
    await ada.page.unroute('**/extend')
    await ada.page.reload()
    await notice.waitFor()
    await ada.page.mouse.move(260, 260)
    await notice.waitFor({ state: 'detached' })
    // Meanwhile, somebody else finds no room on this server.
    const bob = await team.person('Bob')
    await bob.page.goto(team.url)
    await onScreen(bob, 'Every place for a table is taken.').waitFor()
    await bob.page.getByRole('textbox', { name: 'Your name' }).fill('Bob')
    await bob.page.getByRole('textbox', { name: 'Name of the table' }).fill('Another')
    await bob.page.getByRole('button', { name: 'Open the table' }).click()
    await bob.page.getByRole('heading', { name: 'Every place for a table is taken.' }).waitFor()
    // And now nobody stirs, for as long as a browser is waited for elsewhere.
    await ada.page
      .getByRole('heading', { name: /^Nobody stirred for a while/ })
      .waitFor({ timeout: 2 * IDLE_MINUTES * 60_000 })
    await bob.page.getByRole('button', { name: 'Try again' }).click()
    await bob.page.getByRole('button', { name: 'Open the table' }).waitFor()
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await ada.page.getByRole('heading', { level: 1, name: 'Sprint 42' }).waitFor()
  })

  test('a link that never led to a table says so, and where to go', async () => {
    const ada = await team.person('Ada')
    await ada.page.goto(`${team.url}/s/00000000-0000-4000-8000-000000000000`)
    await ada.page.getByRole('heading', { name: 'There is no table at this address.' }).waitFor()
    await ada.page.getByRole('link', { name: 'Open a table' }).click()
    await ada.page.getByRole('button', { name: 'Open the table' }).waitFor()
  })
})
