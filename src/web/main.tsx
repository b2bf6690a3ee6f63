import { effect } from '@preact/signals'
import { render } from 'preact'
import { followAddress, panel } from './address.js'
import { useKnownFont } from './device/font.js'
import { chosenLanguage, look } from './device/preferences.js'
import { registerWorker } from './device/worker.js'
import { fetchBeside } from './fetch-beside.js'
import { keepFocus } from './live/focus-keeper.js'
import { returnFocus } from './live/focus-return.js'
import { Page } from './page.js'
import { languageFor } from './words/languages.js'
import { speak } from './words/say.js'

/** A language that is not at hand is waited for so long; then the page is English until it has come. */
const LANGUAGE_MS = 400
/** The worker keeps what is needed later, when the page has been quiet for a moment. */
const LATER_MS = 1_500
/** Without a worker the page fetches it by itself, before the server is replaced under a tab that stays open. */
const UNKEPT_MS = 10_000

effect(() => {
  if (look.value === 'system') delete document.documentElement.dataset['look']
  else document.documentElement.dataset['look'] = look.value
})
followAddress()
effect(() => {
  if (panel.value !== null) void fetchBeside()
})

let spoken = Promise.resolve()
effect(() => {
  spoken = speak(chosenLanguage.value ?? languageFor(navigator.languages))
})
const late = new Promise((resolve) => setTimeout(resolve, LANGUAGE_MS))
// Not awaited at the top: code that a script of its own shares with this one would be in a third.
void Promise.race([Promise.all([spoken, useKnownFont()]), late]).then(() => {
  const root = document.getElementById('page')
  if (root !== null) {
    root.textContent = ''
    keepFocus(root)
    returnFocus(root)
    render(<Page />, root)
  }
})

if (import.meta.env.PROD) {
  setTimeout(async () => {
    if (await registerWorker()) return
    setTimeout(fetchBeside, UNKEPT_MS)
  }, LATER_MS)
}
