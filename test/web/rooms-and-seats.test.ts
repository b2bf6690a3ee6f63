import { hold } from './support/hold.js'
import { card, onScreen, PATIENCE_MS, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

withTeam('a link that stays', {}, (team) => {
  test('leads to today’s table, and the next day to a room that the first to come opens', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await ada.page.goto(team.url)
    await ada.page.getByRole('textbox', { name: 'Your name' }).fill('Ada')
    await ada.page.getByRole('textbox', { name: 'Name of the table' }).fill('Payments')
    await ada.page.getByRole('textbox', { name: 'Link that stays' }).fill('Team Päyments!')
    await onScreen(ada, 'The same link every time: /r/team-payments').waitFor()
    await ada.page.getByRole('button', { name: 'Open the table' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    const link = ada.page.url()
    expect(link).toBe(`${team.url}/r/team-payments`)
    await team.joins(bob, link)
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'End the table' }).click()
    await bob.page.getByRole('heading', { name: 'The Scrum Master has closed the table.' }).waitFor()

    // The next day Bob is the first to follow the calendar's link.
    await bob.page.goto('about:blank')
    await bob.page.goto(link)
    await bob.page.getByRole('heading', { name: 'Open it' }).waitFor()
    await onScreen(bob, 'Last time: Ada and Bob.').waitFor()
    expect(await bob.page.getByRole('textbox', { name: 'Your name' }).inputValue()).toBe('Bob')
    expect(await bob.page.getByRole('textbox', { name: 'Name of the table' }).inputValue()).toBe('Payments')
    await bob.page.getByRole('button', { name: 'Open the table' }).click()
    await bob.page.getByRole('button', { name: 'Start the round' }).waitFor()
    // And Ada, whose tab still shows yesterday's end, is told where the others are.
    await ada.page.getByRole('link', { name: 'It is open again: go there' }).click()
    await ada.page.getByRole('button', { name: 'Join' }).click()
    await seat(bob, 'Ada').waitFor()
    expect(ada.page.url()).toBe(link)
  })

  test('that two open at once has a single table, with both at it', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    for (const person of [ada, bob]) {
      await person.page.goto(`${team.url}/r/at-once`)
      await person.page.getByRole('textbox', { name: 'Your name' }).fill(person.name)
      await person.page.getByRole('textbox', { name: 'Name of the table' }).fill('At once')
    }
    await ada.page.getByRole('button', { name: 'Open the table' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await bob.page.getByRole('button', { name: 'Open the table' }).click()
    await bob.page.getByRole('button', { name: 'Join' }).click()
    await seat(ada, 'Bob').waitFor()
  })

  test('is not needed to open a table again only once', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada, 'Only once')
    await team.joins(bob, link)
    await ada.page.getByRole('link', { name: 'Settings' }).click()
    await ada.page.getByRole('button', { name: 'End the table' }).click()
    await onScreen(bob, 'Send the new link to Ada: their name is remembered.').waitFor()
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    // A button that has not turned into a link yet leads to the same table.
    await bob.page.locator('.main').click()
    await bob.page.getByRole('button', { name: 'Join' }).click()
    await seat(ada, 'Bob').waitFor()
    expect(bob.page.url()).toBe(ada.page.url())
  })

  test('that names no room says that nothing is there', async () => {
    const ada = await team.person('Ada')
    await ada.page.goto(`${team.url}/r/-`)
    await ada.page.getByRole('heading', { name: 'There is nothing at this address.' }).waitFor()
  })
})

withTeam('a seat', {}, (team) => {
  test('moves to a phone by a code to scan or type; both devices stay, as one person', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await team.joins(bob, link)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    const shown = async () => {
      await bob.page.getByRole('link', { name: 'Invite' }).click()
      await bob.page.getByRole('button', { name: 'Show the code' }).click()
      const text = await bob.page.locator('.code').textContent()
      await onScreen(bob, /^Valid for (1:00|0:[345]\d), once\./).waitFor()
      await bob.page.getByRole('link', { name: 'Back to the table' }).click()
      return text?.replace('Seat code', '').trim() ?? ''
    }
    const code = await shown()
    expect(code).toMatch(/^[A-Z0-9]{4} [A-Z0-9]{4}$/)

    // What a phone's camera opens.
    const phone = await team.person('Bob’s phone', { viewport: { width: 360, height: 740 } })
    await phone.page.goto(`${link}#seat=${code.replace(' ', '')}`)
    await card(phone, '8').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    expect(phone.page.url()).toBe(link)
    await bob.page.locator('input[value="8"]:checked').waitFor({ state: 'attached' })
    expect(await ada.page.getByRole('region', { name: 'At the table' }).getByRole('listitem').count()).toBe(2)

    const tablet = await team.person('Bob’s tablet')
    await tablet.page.goto(link)
    await onScreen(tablet, 'I sit here already, on another device').click()
    await tablet.page.getByRole('textbox', { name: 'Seat code' }).fill(code)
    await tablet.page.getByRole('button', { name: 'Go on in my seat' }).click()
    // It was good for only one device.
    await tablet.page.locator('.refusal').waitFor()
    await tablet.page.getByRole('textbox', { name: 'Seat code' }).fill((await shown()).toLowerCase())
    await tablet.page.getByRole('button', { name: 'Go on in my seat' }).click()
    await tablet.page.locator('input[value="8"]:checked').waitFor({ state: 'attached' })
  })

  test('has one code at a time, and only the refusal of a code is shown with it', async () => {
    const ada = await team.person('Ada')
    const { page } = ada
    await team.opensTable(ada)
    const noAnswer = page.getByRole('main').getByText('The server did not answer.')
    await page.route('**/start', (route) => route.abort())
    await page.getByRole('button', { name: 'Start the round' }).click()
    await noAnswer.waitFor()
    await page.getByRole('link', { name: 'Invite' }).click()
    const ask = page.getByRole('button', { name: 'Show the code' })
    await ask.waitFor()
    expect(await noAnswer.count()).toBe(0)
    await page.route('**/seat-code', (route) => route.abort())
    await ask.click()
    await noAnswer.waitFor()
    await page.unroute('**/seat-code')
    const { sent, letPass } = await hold(ada, '**/seat-code', 'POST')
    await ask.dblclick()
    await noAnswer.waitFor({ state: 'detached' })
    await letPass()
    await page.locator('.code').waitFor()
    expect(sent).toHaveLength(1)
  })
})
