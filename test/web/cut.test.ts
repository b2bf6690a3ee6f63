import { type FaultyProxy, startProxy } from '../support/proxy.js'
import { goOn, holdClock, passUntil, stopClock } from './support/page-clock.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** A lost line shows within this long; one that is back, within this. */
const NOTICED_MS = 2_000
const BACK_MS = 3_000
/** What was missed is reported a moment after that. */
const TOLD_MS = 1_000
/** How much longer the line is away by the page's clock, which stood still during what it missed. */
const AWAY_MS = 5_000

/** A deploy takes longer than the default debounce; here nobody is away that soon. */
const PATIENT = { DISCONNECT_DEBOUNCE_SECONDS: '20', HEARTBEAT_SECONDS: '1' }

withTeam('a line that is cut', PATIENT, (team) => {
  let proxy: FaultyProxy

  beforeAll(async () => {
    proxy = await startProxy(team.server.url, { retryMs: 300 })
  })
  afterAll(async () => {
    await proxy.close()
  })

  /** Ada and Cem connect directly, Bob over the line that is cut. */
  async function meeting() {
    team.url = team.server.url
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const cem = await team.person('Cem')
    await holdClock(bob)
    const link = await team.opensTable(ada)
    await team.joins(bob, link.replace(team.server.url, proxy.url))
    await team.joins(cem, link)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(bob, '3').click()
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    return { ada, bob, cem, link }
  }

  /** Marks the seats on screen, and measures from now on what jumps. */
  async function mark({ page }: Person): Promise<void> {
    await page.evaluate(() => {
      for (const item of document.querySelectorAll('.people li')) item.setAttribute('data-marked', '')
      document.documentElement.dataset['shift'] = '0'
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as PerformanceEntry & {
            value: number
            hadRecentInput: boolean
          }
          const { dataset } = document.documentElement
          if (!hadRecentInput) dataset['shift'] = String(Number(dataset['shift']) + value)
        }
      }).observe({ type: 'layout-shift' })
    })
  }

  function marked({ page }: Person) {
    return page.evaluate(() => ({
      seats: document.querySelectorAll('.people [data-marked]').length,
      shift: Number(document.documentElement.dataset['shift']),
    }))
  }

  const FAULTS = [
    ['a server that is away', () => Object.assign(proxy.fault, { isDown: true }), () => proxy.cut()],
    ['a network that is off', null, null],
  ] as const

  test.each(FAULTS)(
    'check 6, cut: %s leaves the table readable; a card waits, and is laid once',
    async (_name, breakOff, cut) => {
      const { ada, bob, cem } = await meeting()
      const votes: string[] = []
      bob.page.on('response', (response) => {
        if (response.url().endsWith('/vote')) votes.push(response.request().postData() ?? '')
      })
      await mark(bob)
      await stopClock(bob)
      if (breakOff === null) await bob.context.setOffline(true)
      breakOff?.()
      cut?.()
      if (breakOff === null) proxy.cut()
      await passUntil(bob, NOTICED_MS, () => onScreen(bob, /^No connection for \d+ s\.$/).isVisible())
      expect(await card(bob, '3').isChecked()).toBe(true)
      await card(bob, '8').click()
      await onScreen(bob, '8, not sent yet').waitFor()
      await seat(bob, 'Bob').getByText('Not sent').waitFor()
      await card(cem, '5').click()
      await seat(ada, 'Cem').getByText('Voted').waitFor()
      await bob.page.clock.fastForward(AWAY_MS)
      proxy.fault.isDown = false
      await bob.context.setOffline(false)
      await passUntil(bob, BACK_MS, async () => (await onScreen(bob, /^No connection for/).count()) === 0)
      await passUntil(bob, TOLD_MS, () => onScreen(bob, 'You missed: Cem voted.').isVisible())
      await goOn(bob)
      await onScreen(bob, '8, not sent yet').waitFor({ state: 'detached' })
      expect(await marked(bob)).toMatchObject({ seats: 3, shift: 0 })
      await ada.page.getByRole('button', { name: 'Reveal 2 of 3' }).click()
      await ada.page.getByRole('region', { name: 'Results' }).getByRole('row', { name: '8 1 Bob' }).waitFor()
      expect(votes.map((body) => JSON.parse(body).vote)).toEqual(['8'])
    },
  )

  test('check 6, cut: a card that comes too late is withdrawn with a reason; the missed reveal is there', async () => {
    const { ada, bob } = await meeting()
    await stopClock(bob)
    proxy.fault.isDown = true
    proxy.cut()
    await passUntil(bob, NOTICED_MS, () => onScreen(bob, /^No connection for/).isVisible())
    await card(bob, '8').click()
    await onScreen(bob, '8, not sent yet').waitFor()
    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    await ada.page.getByRole('region', { name: 'Results' }).waitFor()
    await bob.page.clock.fastForward(AWAY_MS)
    proxy.fault.isDown = false
    await passUntil(bob, BACK_MS, async () => (await onScreen(bob, /^No connection for/).count()) === 0)
    await goOn(bob)
    await bob.page.getByRole('region', { name: 'Results' }).getByRole('row', { name: '3 1 Bob' }).waitFor()
    await onScreen(bob, 'Your 8 came too late: the round had moved on. It was not counted.').waitFor()
  })

  test('check 6, cut: a proxy that swallows the stream is noticed, and nothing is lost', async () => {
    const { ada, bob } = await meeting()
    proxy.silence()
    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    await bob.page.getByRole('region', { name: 'Results' }).waitFor()
  })

  test('check 6, cut: a server that was suspended and carries on has lost nothing', async () => {
    const { ada, bob } = await meeting()
    team.server.process.kill('SIGSTOP')
    await bob.page.waitForTimeout(1_500)
    const arrived = bob.page.waitForResponse((response) => response.url().endsWith('/vote'))
    await card(bob, '8').click()
    team.server.process.kill('SIGCONT')
    await arrived
    await ada.page.getByRole('button', { name: /^Reveal/ }).click()
    await ada.page.getByRole('region', { name: 'Results' }).getByRole('row', { name: '8 1 Bob' }).waitFor()
  })

  test('check 6, cut: a server that was killed has lost its tables; the page says so and opens one again', async () => {
    const { ada, bob, link } = await meeting()
    await team.server.stop('SIGKILL')
    await onScreen(bob, /^No connection for/).waitFor()
    await seat(bob, 'Cem').waitFor()
    await team.serve({ PORT: new URL(link).port })
    await ada.page
      .getByRole('heading', { name: 'The server was restarted, and this table is gone.' })
      .waitFor()
    await onScreen(ada, 'Send the new link to Bob and Cem: their names are remembered.').waitFor()
    await ada.page.getByRole('button', { name: 'Open it again' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).waitFor()
    await bob.page
      .getByRole('heading', { name: 'The server was restarted, and this table is gone.' })
      .waitFor()
    await bob.page.reload()
    await bob.page.getByRole('link', { name: 'It is open again: go there' }).click()
    await bob.page.getByRole('button', { name: 'Join' }).click()
    await seat(ada, 'Bob').waitFor()
  })
})
