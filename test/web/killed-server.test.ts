import { until } from '../support/clients.js'
import type { Http2Stream } from '../support/http2-api.js'
import { NodesBehindNginx } from '../support/nodes-behind-nginx.js'
import { card, onScreen, PATIENCE_MS, type Person, seat, withTeam } from './support/team.js'

jest.setTimeout(2 * PATIENCE_MS)

const NODES = 3
const SETTINGS = { RATE_LIMITING: 'false', MAX_SESSIONS: '100' }
const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }
/** The seconds in it keep counting. */
const CUT = /^No connection for \d+ s\. The table shows what was known\.Try now$/

/** What somebody has seen since they began to look, each thing once. */
interface Seen {
  /** Lines that announce something out of the ordinary. */
  readonly notices: readonly string[]
  /** People who were shown as gone. */
  readonly away: readonly string[]
  /** What covered or replaced the table. */
  readonly others: readonly string[]
  /** How far things have moved on their own. */
  readonly shift: number
}

NodesBehindNginx.describe()('one of three servers behind nginx', () => {
  let stand: NodesBehindNginx

  beforeAll(async () => {
    stand = await NodesBehindNginx.start(NODES, SETTINGS)
  }, PATIENCE_MS)
  afterAll(() => stand.stop())

  withTeam('while a round is open', null, (team) => {
    test('is killed: no vote is lost, nobody reloads or is shown as gone, and a single line comes and goes', async () => {
      team.url = stand.url
      const onWide = { viewport: WIDE }
      const onPhone = { viewport: PHONE, hasTouch: true }
      const ada = await team.person('Ada', onWide)
      const bob = await team.person('Bob', onPhone)
      const cem = await team.person('Cem', onPhone)
      const people = [ada, bob, cem]
      const link = await team.opensTable(ada)
      const id = new URL(link).pathname.split('/').at(-1) ?? ''
      for (const person of [bob, cem]) await team.joins(person, link)
      const guest = await guestAt(id)
      await ada.page.getByRole('button', { name: 'Start the round' }).click()
      await card(bob, '5').click()
      await seat(ada, 'Bob').getByText('Voted').waitFor()
      for (const person of people) await look(person)

      const home = await homeOfStreams()
      await stand.kill(home)
      await Promise.all([card(ada, '8').click(), card(cem, '8').click()])
      for (const person of people)
        await onScreen(person, /^3 of [34] have voted$/).waitFor({ state: 'attached' })
      for (const person of people) await onScreen(person, /^No connection for/).waitFor({ state: 'detached' })
      expect((await seenBy(bob)).shift).toBe(0)
      await ada.page.locator('.main[aria-disabled="false"]', { hasText: 'Reveal' }).click()
      for (const { page } of people) {
        const results = page.getByRole('region', { name: 'Results' })
        await results.getByRole('row', { name: /^5 1 Bob$/ }).waitFor()
        await results.getByRole('row', { name: /^8 2 (Ada, Cem|Cem, Ada)$/ }).waitFor()
      }

      // Whoever does not come back is away in the end; all others would be by now.
      await until(() => guest.isClosed)
      for (const person of people) await seat(person, 'Guest').getByText('Away').waitFor()
      const seen = await Promise.all(people.map(seenBy))
      for (const { away, others, notices } of seen) {
        expect([away, others]).toEqual([['Guest'], []])
        expect(notices.filter((notice) => !CUT.test(notice) && !notice.startsWith('You missed: '))).toEqual(
          [],
        )
      }
      // Their streams were at that server, so they did notice.
      expect(seen.every(({ notices }) => notices.some((notice) => CUT.test(notice)))).toBe(true)
      const survivors = [...stand.nodes.keys()].filter((node) => node !== home)
      for (const node of survivors) {
        const { body } = await stand.at(node).request(`/api/sessions/${id}/history`)
        expect(body.rounds.map(({ votes }: { votes: object }) => Object.keys(votes).length)).toEqual([3])
      }
    })
  })

  /** The server at which streams are open. */
  async function homeOfStreams(): Promise<number> {
    const counts = await Promise.all(
      stand.nodes.map(async (_, node) => {
        const { text } = await stand.at(node).request('/metrics')
        return Number(/^magnapp_sse_connections_active (\d+)/m.exec(text)?.[1])
      }),
    )
    expect(counts.filter((count) => count > 0)).toHaveLength(1)
    return counts.findIndex((count) => count > 0)
  }

  /** Somebody whose stream is not reopened. */
  async function guestAt(sessionId: string): Promise<Http2Stream> {
    const api = await stand.client(1)
    const { token } = await api.join(sessionId, 'Guest')
    const stream = api.stream(sessionId, { token })
    await until(() => stream.frames.length > 0)
    return stream
  }
})

/** Notes from now on whatever this page shows, if only for a moment. */
async function look({ page }: Person): Promise<void> {
  await page.evaluate(() => {
    const seen = { notices: new Set<string>(), away: new Set<string>(), others: new Set<string>() }
    let shift = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const { value, hadRecentInput } = entry as PerformanceEntry & {
          value: number
          hadRecentInput: boolean
        }
        if (!hadRecentInput) shift += value
      }
    }).observe({ type: 'layout-shift' })
    const textOf = (element: Element) => element.textContent?.replaceAll(/\s+/g, ' ').trim() ?? ''
    const note = () => {
      const notices = [...document.querySelectorAll('.notice')].map(textOf)
      if (notices.length > 0) seen.notices.add(notices.join(' AND '))
      for (const name of document.querySelectorAll('.seat.is-away .name')) seen.away.add(textOf(name))
      for (const dialog of document.querySelectorAll('dialog, [role=dialog], [role=alertdialog]'))
        seen.others.add(textOf(dialog))
      if (document.querySelector('.people') === null) seen.others.add(textOf(document.body))
    }
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    })
    // Gone with the page if that is reloaded.
    Object.assign(document, {
      seen: () => ({ notices: [...seen.notices], away: [...seen.away], others: [...seen.others], shift }),
    })
  })
}

function seenBy({ page }: Person): Promise<Seen> {
  return page.evaluate(() => {
    if (!('seen' in document) || typeof document.seen !== 'function') throw new Error('the page was reloaded')
    return document.seen()
  })
}
