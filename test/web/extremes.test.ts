import { bot } from './support/bots.js'
import { card, onScreen, PATIENCE_MS, type Person, setRules, withTeam } from './support/team.js'

jest.setTimeout(2 * PATIENCE_MS)

const SIZES = [
  { width: 280, height: 500 },
  { width: 360, height: 640 },
  { width: 768, height: 1024 },
  { width: 844, height: 390 },
  { width: 1440, height: 900 },
]
/** Nearer to the edge, a thumb's swipe belongs to the system. */
const EDGE_PX_MIN = 16
const NAME_CHARACTERS_MIN = 10

/** Names as long as they may be, like those of real people. */
const NAMES = [
  'Bartholomäus Freiherr von Hohenstein-Wackernagel',
  'Wolfeschlegelsteinhausenbergerdorff-Niederoberbach',
  'María Fernanda de los Ángeles Gutiérrez y Castella',
  'ليلى بنت عبد الرحمن الحداد القحطاني من الرياض',
  'Lê Thị Phương Thảo Nguyễn-Hoàng',
  'Krzysztof Brzęczyszczykiewicz',
  'Nandini Venkataraman-Subrahmanyam of Thiruvanantha',
]

withTeam('the fullest table', {}, (team) => {
  /** What somebody would miss, or hit by mistake. */
  function faultsOf({ page }: Person): Promise<string[]> {
    return page.evaluate(
      ([edge, characters]) => {
        const found: string[] = []
        const inView = (box: DOMRect) =>
          box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1
        const cards = [...document.querySelectorAll('[name="card"]')].map((one) =>
          one.getBoundingClientRect(),
        )
        if (cards.some((box) => !inView(box))) found.push('a card is out of sight')
        if (cards.some((box) => box.left < edge || innerWidth - box.right < edge))
          found.push('a card is at the edge')
        for (const [index, one] of cards.entries()) {
          for (const other of cards.slice(index + 1)) {
            const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
            const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
            if (wide > 1 && high > 1) found.push('two cards overlap')
          }
        }
        const main = document.querySelector('.main')?.getBoundingClientRect()
        if (main === undefined || !inView(main)) found.push('the main action is out of sight')
        if (document.documentElement.scrollHeight > innerHeight + 1) found.push('the page scrolls')
        if (document.documentElement.scrollWidth > innerWidth) found.push('the page scrolls sideways')
        // The visible part of a name: the characters within its two lines.
        for (const name of document.querySelectorAll('.seat .name')) {
          const text = name.firstChild
          if (!(text instanceof Text)) continue
          const box = name.getBoundingClientRect()
          const isDrawn = (index: number) => {
            const range = document.createRange()
            range.setStart(text, index)
            range.setEnd(text, index + 1)
            return range.getBoundingClientRect().bottom <= box.bottom + 2
          }
          const drawn = [...text.data].filter((_, index) => index < text.length && isDrawn(index)).length
          if (drawn < Math.min(characters, text.length))
            found.push(`only ${drawn} characters of ${text.data} are drawn`)
        }
        return found
      },
      [EDGE_PX_MIN, NAME_CHARACTERS_MIN] as const,
    )
  }

  test('check 14, extremes: shows cards, names and the main action at once, from a strip beside a tracker to wide screens', async () => {
    const ada = await team.person('Ada Lindqvist')
    const link = await team.opensTable(
      ada,
      'Show the customer where the parcel is, when two carriers share one shipment and one of them reports',
    )
    const bots = []
    for (let number = 1; number < 16; number += 1)
      bots.push(await bot(link, NAMES[number % NAMES.length] ?? ''))
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, '5').click()
    await Promise.all(bots.slice(0, 11).map((one) => one.votes('8')))
    await ada.page.getByRole('button', { name: 'Reveal 12 of 16' }).waitFor()
    const order = () =>
      ada.page.evaluate(() =>
        [...document.querySelectorAll('.seat .name')].map((name) => name.getAttribute('title')),
      )
    const faults: string[] = []
    const before = await order()
    for (const size of SIZES) {
      await ada.page.setViewportSize(size)
      faults.push(...(await faultsOf(ada)).map((fault) => `${size.width} × ${size.height}: ${fault}`))
    }
    expect(faults).toEqual([])
    // Those who are still awaited, and the buttons with their names, are within reach.
    for (const { width, height } of SIZES.filter((size) => size.height > 500)) {
      await ada.page.setViewportSize({ width, height })
      await ada.page.locator('.sub').hover()
      await ada.page.mouse.wheel(0, 1_000)
      await ada.page.waitForFunction(() => {
        const list = document.querySelector('.sub')?.getBoundingClientRect()
        const last = [...document.querySelectorAll('.sub .person')].at(-1)?.getBoundingClientRect()
        return list !== undefined && last !== undefined && last.bottom <= list.bottom + 1
      })
    }
    // Nobody's position reveals who was quick.
    expect(await order()).toEqual(before)
  })

  test('check 14, extremes: a deck of 24 cards of 8 characters, and 200 stories with titles of 200', async () => {
    const ada = await team.person('Ada Lindqvist')
    const link = await team.opensTable(ada, 'Everything at once')
    const deck = Array.from({ length: 24 }, (_, index) => `Card ${String(index).padStart(3, '0')}`)
    await setRules(ada, { deck })
    for (let number = 1; number < 16; number += 1) await bot(link, NAMES[number % NAMES.length] ?? '')
    const title = 'Show the customer where the parcel is, when two carriers share it. '
      .repeat(3)
      .slice(0, 190)
    await ada.page.getByRole('link', { name: 'Stories' }).click()
    const stories = Array.from({ length: 200 }, (_, index) => `${title} ${index + 1}`).join('\n')
    await ada.page.getByRole('textbox', { name: 'Add a story, or paste a list' }).evaluate((line, text) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', text)
      line.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    }, stories)
    await onScreen(ada, '0 of 200 estimated').waitFor()
    const panelFaults = await ada.page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    expect(panelFaults).toBe(false)
    await ada.page.getByRole('link', { name: 'Close the stories' }).click()
    await ada.page.getByRole('button', { name: 'Start the round' }).click()
    await card(ada, 'Card 007').click()
    await ada.page.getByRole('button', { name: 'Reveal 1 of 16' }).waitFor()
    const faults: string[] = []
    for (const size of SIZES) {
      await ada.page.setViewportSize(size)
      faults.push(...(await faultsOf(ada)).map((fault) => `${size.width} × ${size.height}: ${fault}`))
    }
    expect(faults).toEqual([])
  })
})
