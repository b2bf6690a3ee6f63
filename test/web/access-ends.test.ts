import { faultsOf } from './support/access.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, setRules, withTeam } from './support/team.js'

jest.setTimeout(5 * PATIENCE_MS)

withTeam('everybody, when something ends or goes wrong', { MAX_SESSIONS: '2' }, (team) => {
  function looking() {
    const faults: string[] = []
    const look = async (person: Person, screen: string) => faults.push(...(await faultsOf(person, screen)))
    return { faults, look }
  }

  async function isTold({ page }: Person, heading: string): Promise<void> {
    await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  }

  test('check 10, axe: every end and every refusal is a screen that anybody can use', async () => {
    const { faults, look } = looking()
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'Remove Bob' }).click()
    await isTold(bob, 'You were removed from the table.')
    await look(bob, 'removed')
    await bob.page.getByRole('button', { name: 'Take a seat again' }).click()
    await bob.page.getByRole('button', { name: 'Join' }).click()
    await seat(bob, 'Bob').getByText(/^You/).waitFor({ state: 'attached' })
    await bob.page.goto('about:blank')
    await ada.page.getByRole('button', { name: 'Remove Bob' }).click()
    await ada.page.getByRole('button', { name: 'Remove Bob' }).waitFor({ state: 'detached' })
    await bob.page.goto(link)
    await isTold(bob, 'You were removed from the table while you were away.')
    await look(bob, 'removed while away')

    // There is room for one more table, and that is taken as well.
    const cem = await team.person('Cem')
    await team.opensTable(cem, 'Another')
    const dora = await team.person('Dora')
    await dora.page.goto(team.url)
    await onScreen(dora, 'Every place for a table is taken.').waitFor()
    await look(dora, 'start, full')
    await dora.page.getByRole('textbox', { name: 'Your name' }).fill('Dora')
    await dora.page.getByRole('textbox', { name: 'Name of the table' }).fill('A third')
    await dora.page.getByRole('button', { name: 'Open the table' }).click()
    await isTold(dora, 'Every place for a table is taken.')
    await look(dora, 'server full')
    await dora.page.goto(`${team.url}/r/-`)
    await isTold(dora, 'There is nothing at this address.')
    await look(dora, 'nowhere')

    await team.joins(dora, link)
    await ada.page.getByRole('button', { name: 'End the table' }).click()
    await isTold(dora, 'The Scrum Master has closed the table.')
    await look(dora, 'closed')
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await dora.page.reload()
    await dora.page.getByRole('link', { name: 'It is open again: go there' }).waitFor()
    await look(dora, 'open again')
    await dora.page.goto(ada.page.url())
    await look(dora, 'join, remembered')
    await onScreen(dora, 'I sit here already, on another device').click()
    await dora.page.getByRole('textbox', { name: 'Seat code' }).fill('ABCD EFGH')
    await dora.page.getByRole('button', { name: 'Go on in my seat' }).click()
    await dora.page.locator('.refusal').waitFor()
    await look(dora, 'a code that opens no seat')

    await team.server.stop('SIGKILL')
    await onScreen(ada, /^No connection for/).waitFor()
    await look(ada, 'no connection')
    await team.serve({ PORT: new URL(link).port })
    await isTold(ada, 'The server was restarted, and this table is gone.')
    await look(ada, 'lost with the server')
    expect(faults).toEqual([])
  })

  test('check 10, axe: and so is what is rare: a deck of 24, anonymity, a seat code, a file with faults', async () => {
    const { faults, look } = looking()
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await team.joins(bob, await team.opensTable(ada, 'Rare'))
    const { page } = ada
    const deck = Array.from({ length: 24 }, (_, index) => `Card ${String(index).padStart(3, '0')}`)
    await setRules(ada, { deck, anonymous_votes: true, round_seconds: 10 })
    await page.getByRole('button', { name: 'Start the round' }).click()
    await card(bob, 'Card 007').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    await look(bob, 'a deck of 24')
    await onScreen(ada, 'The time is up.', { exact: true }).waitFor()
    await look(ada, 'the time is up')
    await page.getByRole('button', { name: /^Reveal/ }).click()
    await bob.page.getByRole('region', { name: 'Results' }).waitFor()
    await look(bob, 'results, anonymous')
    await bob.page.getByRole('link', { name: 'Invite' }).click()
    await bob.page.getByRole('button', { name: 'Show the code' }).click()
    await bob.page.locator('.code').waitFor()
    await look(bob, 'a code for a seat')
    await bob.page.getByRole('link', { name: 'Back to the table' }).click()
    await page.getByRole('link', { name: 'Stories' }).click()
    const chooser = page.waitForEvent('filechooser')
    await page.getByText('Import a file').click()
    await (await chooser).setFiles({
      name: 'jira.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`Issue key,Summary\nSHOP-1,Pay with a card\nSHOP-2,\nSHOP-3,${'x'.repeat(300)}`),
    })
    await page.getByRole('button', { name: /^Add \d/ }).waitFor()
    await look(ada, 'a file that is read')
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'Hand over to Bob' }).click()
    await onScreen(bob, /^You lead now\./).waitFor()
    await look(bob, 'leads now')
    if (await bob.page.evaluate(() => 'documentPictureInPicture' in window)) {
      await bob.page.getByRole('link', { name: 'Settings' }).click()
      const opened = bob.context.waitForEvent('page')
      await bob.page.getByRole('button', { name: 'Open it' }).click()
      const mini = await opened
      await mini.getByRole('region', { name: 'Results' }).waitFor()
      await look({ ...bob, page: mini }, 'small window')
    }
    expect(faults).toEqual([])
  })
})
