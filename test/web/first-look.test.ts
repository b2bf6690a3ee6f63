import { card, onScreen, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(PATIENCE_MS)

/** A phone on a mobile network: the profile that Lighthouse calls "Slow 4G", and a slow processor. */
const LATENCY_MS = 150
const BYTES_PER_SECOND = (1.6 * 1_000_000) / 8
const CPU_SLOWDOWN = 4
const FIRST_CARD_MS_MAX = 1_000
const SCRIPT_BYTES_MAX = 60_000
const REQUESTS_MAX = 6
const RUNS = 5
/** Other work on the machine makes a run slower, and none faster: of so many the fastest five count. */
const RUNS_MAX = 20

withTeam('the first look', {}, (team) => {
  test('check 1, three actions: from the link to a vote it is a name, Enter, and a key', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    const link = await team.opensTable(ada)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await bob.page.goto(link)
    // The field has the focus: nothing needs to be clicked first.
    await bob.page.waitForFunction(() => document.activeElement instanceof HTMLInputElement)
    await bob.page.keyboard.type('Bob')
    await bob.page.keyboard.press('Enter')
    await card(bob, '5').waitFor()
    await bob.page.keyboard.press('5')
    await bob.page.waitForFunction(() => document.querySelector('input[value="5"]:checked') !== null)
    await seat(ada, 'Bob').getByText('Voted').waitFor()
    expect(await bob.page.getByRole('dialog').count()).toBe(0)
  })

  test('check 1, three actions: a name that is remembered leaves Enter and a key', async () => {
    const ada = await team.person('Ada')
    const bob = await team.person('Bob')
    await team.joins(bob, await team.opensTable(ada))
    const another = await team.opensTable(ada)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await bob.page.goto(another)
    await bob.page.waitForFunction(
      () => document.activeElement instanceof HTMLInputElement && document.activeElement.value === 'Bob',
    )
    await bob.page.keyboard.press('Enter')
    await card(bob, '5').waitFor()
    await bob.page.keyboard.press('5')
    await seat(ada, 'Bob').getByText('Voted').waitFor()
  })

  test('check 2, first card: on a slow phone, with nothing cached, the first card is there within a second', async () => {
    const ada = await team.person('Ada')
    const link = await team.opensTable(ada)
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await onScreen(ada, '0 of 1 have voted').or(onScreen(ada, '0 of 1 has voted')).waitFor()
    const times: number[] = []
    const median = () => times[Math.floor(RUNS / 2)] ?? Number.POSITIVE_INFINITY
    for (let run = 0; run < RUNS_MAX && (run < RUNS || median() >= FIRST_CARD_MS_MAX); run += 1) {
      const { cardMs, scriptBytes, scriptsBefore, requests } = await firstCard(ada, link)
      expect(scriptsBefore).toBe(1)
      expect(scriptBytes).toBeLessThanOrEqual(SCRIPT_BYTES_MAX)
      expect(requests).toBeLessThanOrEqual(REQUESTS_MAX)
      times.push(cardMs)
      times.sort((one, other) => one - other)
    }
    expect(median()).toBeLessThan(FIRST_CARD_MS_MAX)
  })

  interface Run {
    readonly cardMs: number
    /** As transferred, of all that the page ever loads by itself. */
    readonly scriptBytes: number
    /** Of the script, before the first card: one that is lazy may be gone after a deploy. */
    readonly scriptsBefore: number
    /** Before the first card. */
    readonly requests: number
  }

  /** Comes back to a seat with an empty cache, as a phone does the next morning. */
  async function firstCard(person: Person, link: string): Promise<Run> {
    const context = await team.browser.newContext({
      viewport: { width: 360, height: 740 },
      storageState: await person.context.storageState(),
    })
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    await devtools.send('Network.setCacheDisabled', { cacheDisabled: true })
    await devtools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_SECOND,
      uploadThroughput: BYTES_PER_SECOND,
    })
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_SLOWDOWN })
    await page.addInitScript(() => {
      const look = () => {
        const isThere = document.querySelector('.card') !== null
        // The frame after the one in which it was there has been painted.
        requestAnimationFrame(isThere ? () => performance.mark('first card') : look)
      }
      requestAnimationFrame(look)
    })
    await page.goto(link, { waitUntil: 'commit' })
    await page.waitForFunction(() => performance.getEntriesByName('first card').length > 0)
    // What comes later is loaded too.
    await page.waitForTimeout(2_500)
    const run = await page.evaluate(() => {
      const at = performance.getEntriesByName('first card')[0]?.startTime ?? Number.POSITIVE_INFINITY
      const loaded = performance
        .getEntriesByType('resource')
        .filter((entry) => entry instanceof PerformanceResourceTiming)
      const scripts = loaded.filter(({ name }) => name.endsWith('.js'))
      return {
        cardMs: Math.round(at),
        scriptBytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
        scriptsBefore: scripts.filter(({ startTime }) => startTime < at).length,
        requests: 1 + loaded.filter(({ startTime }) => startTime < at).length,
      }
    })
    await context.close()
    return run
  }
})
