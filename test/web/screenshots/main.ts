import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startBrowser } from '../../support/browser.js'
import { program } from '../../support/programs.js'
import { bot } from '../support/bots.js'
import { startServer } from './server.js'

/*
 * Makes the README's pictures from a running server. What would differ from run to run stands
 * still: the address, the time on the clock, and every motion.
 */

const FOLDER = join(import.meta.dirname, '../../../docs/images')
const HOST = 'poker.example'
const TEAM = [
  ['Bob Haller', '8'],
  ['Cem Aydın', '5'],
  ['Dora Lindqvist', '13'],
  ['Eva Novák', '8'],
] as const
const STORIES = `Key,Title
SHOP-12,Pay with a saved card
SHOP-14,Split a payment over two cards
SHOP-17,Receipt by mail
SHOP-21,Refund a part of an order`
const WIDE = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }

const chromium = program('chromium')
if (chromium === null) throw new Error('The pictures are made with Chromium, which is not installed.')
const server = await startServer({ RATE_LIMITING: 'false', PUBLIC_URL: `http://${HOST}` })
const { port } = new URL(server.url)
const browser = await startBrowser(chromium, [
  `--host-resolver-rules=MAP ${HOST}:80 127.0.0.1:${port}`,
  '--font-render-hinting=none',
])
try {
  mkdirSync(FOLDER, { recursive: true })
  await shoot()
} finally {
  await browser.close()
  server.stop()
}

async function shoot(): Promise<void> {
  const ada = await person()
  await ada.goto(`http://${HOST}/`)
  await ada.getByRole('textbox', { name: 'Your name' }).fill('Ada Berger')
  await ada.getByRole('textbox', { name: 'Name of the table' }).fill('Payments')
  await ada.getByRole('textbox', { name: 'Link that stays' }).fill('payments')
  await picture(ada, 'start')
  await ada.getByRole('button', { name: 'Open the table' }).click()
  await ada.getByRole('button', { name: 'Start the round' }).waitFor()
  await ada.getByRole('link', { name: 'Stories' }).click()
  await ada.getByRole('textbox', { name: 'Add a story, or paste a list' }).evaluate((line, text) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', text)
    line.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, STORIES)
  await ada.getByRole('button', { name: 'Add 4 stories' }).click()
  await ada.getByText('SHOP-21').waitFor()
  await ada.getByRole('link', { name: 'Close the stories' }).click()
  const { session } = await (await fetch(`${server.url}/api/rooms/payments`)).json()
  const others = []
  for (const [index, [name]] of TEAM.entries())
    others.push(await bot(`${server.url}/s/${session.id}`, name, `figure-${index + 2}`))
  const phone = await person(PHONE)
  await phone.goto(`http://${HOST}/r/payments`)
  await phone.getByRole('textbox', { name: 'Your name' }).fill('Finn Okafor')
  await phone.keyboard.press('Enter')
  await phone.getByRole('radiogroup', { name: 'Your card' }).waitFor()
  await ada.getByRole('button', { name: 'Start the round' }).click()
  await phone.getByText('0 of 6 have voted', { exact: true }).waitFor({ state: 'attached' })
  for (const [index, [, card]] of TEAM.entries()) if (index !== 2) await others[index]?.votes(card)
  await phone.getByRole('radio', { name: '8' }).click()
  await ada.getByRole('radio', { name: '8' }).click()
  await ada.getByRole('button', { name: 'Show' }).click()
  await ada.getByText('5 of 6 have voted', { exact: true }).waitFor()
  await ada.locator('.main[aria-disabled="false"]').waitFor()
  await picture(ada, 'voting')
  await phone.getByText('5 of 6 have voted', { exact: true }).waitFor({ state: 'attached' })
  await picture(phone, 'phone')
  await others[2]?.votes('13')
  await ada.getByRole('button', { name: 'Reveal 6 of 6' }).click()
  await ada.locator('.main[aria-disabled="false"]', { hasText: 'Accept' }).waitFor()
  await ada.getByText('First to speak').first().waitFor()
  await picture(ada, 'results')
  await ada.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await picture(ada, 'dark')
}

async function person(viewport = WIDE): Promise<Page> {
  const context = await browser.newContext({
    viewport,
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    deviceScaleFactor: viewport === PHONE ? 2 : 1,
    // It would serve the original style sheet.
    serviceWorkers: 'block',
  })
  // A browser that does not get the page's font in time does without; a picture waits for it.
  await context.route('**/assets/*.css', async (route) => {
    const sheet = await (await fetch(server.url + new URL(route.request().url()).pathname)).text()
    const body = sheet.replace('font-display:optional', 'font-display:block')
    await route.fulfill({ contentType: 'text/css', body })
  })
  // The page's clocks stand still, and its font is loaded.
  await context.addInitScript(() => {
    document.addEventListener('readystatechange', () => {
      document.documentElement.dataset['font'] = ''
    })
    const start = window.setInterval
    window.setInterval = ((act: TimerHandler, ms?: number) =>
      ms === 1_000 ? 0 : start(act, ms)) as typeof window.setInterval
  })
  return context.newPage()
}

async function picture(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0)
  await page.evaluate(async () => {
    await document.fonts.ready
    if (!document.fonts.check('16px "Inter Page"')) throw new Error('the font is not there')
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    const clock = document.querySelector('.timer span')
    if (clock !== null) clock.textContent = '1:42'
  })
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled', caret: 'hide' })
}
