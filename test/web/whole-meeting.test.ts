import { type FaultyProxy, startProxy } from '../support/proxy.js'
import { card, onScreen, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(600_000)

/** Longer than anything that three people do, on any machine. */
const IDLE_MINUTES = 1
/** Until an idle table is closed; the machine may be late with that. */
const CLOSED_MS_MAX = 180_000

const IDLE_SOON = {
  SESSION_TIMEOUT_MINUTES: String(IDLE_MINUTES),
  SESSION_WARNING_MINUTES: '0.1',
}

/** Three people, one meeting, and everything that can happen to it. */
withTeam('a whole meeting of three', IDLE_SOON, (team) => {
  let proxy: FaultyProxy

  beforeAll(async () => {
    proxy = await startProxy(team.server.url, { retryMs: 300 })
  })
  afterAll(async () => {
    await proxy.close()
  })

  async function startsRound({ page }: Person): Promise<void> {
    await page.locator('.main[aria-disabled="false"]', { hasText: 'Start the round' }).click()
  }

  async function accepts({ page }: Person, estimate: string): Promise<void> {
    await page.locator('.main[aria-disabled="false"]', { hasText: 'Reveal' }).click()
    const accept = page.locator('.main[aria-disabled="false"]', { hasText: 'Accept' })
    await accept.waitFor()
    expect(await accept.textContent()).toContain(estimate)
    await accept.click()
  }

  test('survives cuts, reloads, a stop, a kick and a second device to its end, and resumes next day in the same room', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const cem = await team.person('Cem')
    await ada.page.goto(team.url)
    await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await ada.page.getByRole('textbox', { name: 'Name of the table' }).fill('Payments')
    await ada.page.getByRole('textbox', { name: 'Link that stays' }).fill('payments')
    await ada.page.getByRole('button', { name: 'Open the table' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    const link = ada.page.url()
    await team.joins(bob, link.replace(team.url, proxy.url))
    await team.joins(cem, link)
    await ada.page.getByRole('link', { name: 'Stories' }).click()
    for (const title of ['Login', 'Search', 'Refund']) {
      await ada.page.getByRole('textbox', { name: 'Add a story, or paste a list' }).fill(title)
      await ada.page.keyboard.press('Enter')
      await ada.page.getByRole('region', { name: 'Stories' }).getByText(title).waitFor()
    }
    await ada.page.getByRole('link', { name: 'Close the stories' }).click()

    // A first story, with a proxy that cuts, and the leader reloading in the middle.
    await startsRound(ada)
    await cem.page.getByRole('heading', { level: 1, name: 'Login' }).waitFor()
    await card(bob, '5').click()
    await seat(cem, 'Bob').getByText('Voted').waitFor()
    proxy.cut()
    await card(cem, '5').click()
    await card(ada, '5').click()
    await seat(cem, 'Ada').getByText('Voted').waitFor()
    await ada.page.reload()
    await onScreen(ada, '3 of 3 have voted', { exact: true }).waitFor({ state: 'attached' })
    await accepts(ada, '5')
    await onScreen(bob, 'Everybody says five.').or(onScreen(bob, 'Accepted: 5')).first().waitFor()

    // A second one, with the network off for one of them, and the server stopped for a moment.
    await ada.page.locator('.main[aria-disabled="false"]', { hasText: 'Next story' }).click()
    await cem.page.getByRole('heading', { level: 1, name: 'Search' }).waitFor()
    await cem.context.setOffline(true)
    await card(cem, '13').click()
    await card(bob, '8').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await cem.context.setOffline(false)
    await seat(ada, 'Cem').getByText('Voted').waitFor()
    team.server.process.kill('SIGSTOP')
    await card(ada, '8').click()
    await ada.page.waitForTimeout(1_000)
    team.server.process.kill('SIGCONT')
    await seat(bob, 'Ada').getByText('Voted').waitFor()
    await accepts(ada, '8')

    // Bob has a second tab, and moves to his phone; both are Bob. Cem is removed, and comes back.
    const tab = await bob.context.newPage()
    await tab.goto(bob.page.url())
    await tab.getByRole('region', { name: 'Results' }).waitFor()
    await bob.page.getByRole('link', { name: 'Invite' }).click()
    await bob.page.getByRole('button', { name: 'Show the code' }).click()
    const code = ((await bob.page.locator('.code').textContent()) ?? '')
      .replace('Seat code', '')
      .replaceAll(' ', '')
    const session = (await (await fetch(`${team.server.url}/api/rooms/payments`)).json()).session.id
    const phone = await team.person('Bob’s phone', { viewport: { width: 360, height: 740 } })
    await phone.page.goto(`${team.server.url}/s/${session}#seat=${code}`)
    await phone.page.getByRole('region', { name: 'Results' }).waitFor()
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'Remove Cem' }).click()
    await cem.page.getByRole('heading', { name: 'You were removed from the table.' }).waitFor()
    await cem.page.getByRole('button', { name: 'Take a seat again' }).click()
    await cem.page.getByRole('button', { name: 'Join' }).click()
    await cem.page.getByRole('region', { name: 'Results' }).waitFor()
    await ada.page.getByRole('link', { name: 'Back to the table' }).click()
    expect(
      await ada.page.getByRole('region', { name: 'At the table' }).getByRole('listitem').allTextContents(),
    ).toHaveLength(3)
    await ada.page.locator('.main[aria-disabled="false"]', { hasText: 'Next story' }).click()
    await phone.page.getByRole('heading', { level: 1, name: 'Refund' }).waitFor()
    await card(phone, '3').click()
    await tab.locator('input[value="3"]:checked').waitFor({ state: 'attached' })
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await accepts(ada, '3')

    // What was agreed is in the export; after that nobody stirs any more.
    const csv = await (await fetch(`${team.server.url}/api/sessions/${session}/export?format=csv`)).text()
    expect(csv).toMatch(/Login.*,5,[\s\S]*Search.*,8,[\s\S]*Refund.*,3,/)
    await bob.page.getByRole('link', { name: 'Back to the table' }).click()
    for (const { page } of [ada, bob, cem])
      await page
        .getByRole('heading', { name: /^Nobody stirred for a while/ })
        .waitFor({ timeout: CLOSED_MS_MAX })

    // The next day, at the same link; then the server is killed, and the table with it.
    await cem.page.goto(link)
    await cem.page.reload()
    await onScreen(cem, 'Last time: Ada, Bob, and Cem.').waitFor()
    await cem.page.getByRole('button', { name: 'Open the table' }).click()
    await cem.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await ada.page.goto(link)
    await ada.page.reload()
    await ada.page.getByRole('button', { name: 'Join' }).click()
    await seat(cem, 'Ada').waitFor()
    await startsRound(cem)
    await card(ada, '2').click()
    await team.server.stop('SIGKILL')
    await onScreen(ada, /^No connection for/).waitFor()
    expect(await card(ada, '2').isChecked()).toBe(true)
    await team.serve({ PORT: new URL(link).port })
    await ada.page
      .getByRole('heading', { name: 'The server was restarted, and this table is gone.' })
      .waitFor()
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    expect(ada.page.url()).toBe(link)
  })
})
