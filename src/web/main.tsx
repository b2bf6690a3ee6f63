import { effect } from '@preact/signals'
import { render } from 'preact'
import { followAddress } from './address.js'
import { chosenLanguage, look } from './device/preferences.js'
import { useKnownFont } from './device/font.js'
import { registerWorker } from './device/worker.js'
import { keepFocus } from './live/focus-keeper.js'
import { returnFocus } from './live/focus-return.js'
import { Page } from './page.js'
import { languageFor } from './words/languages.js'
import { speak } from './words/say.js'

/** A language that is not at hand is waited for so long; then the page is English until it has come. */
const LANGUAGE_MS = 400
/** What is needed later is fetched when the page has been quiet for a moment. */
const LATER_MS = 1_500

effect(() => {
  if (look.value === 'system') delete document.documentElement.dataset['look']
  else document.documentElement.dataset['look'] = look.value
})
followAddress()

let spoken = Promise.resolve()
effect(() => {
  spoken = speak(chosenLanguage.value ?? languageFor(navigator.languages))
})
await Promise.race([
  Promise.all([spoken, useKnownFont()]),
  new Promise((resolve) => setTimeout(resolve, LANGUAGE_MS)),
])

const root = document.getElementById('page')
if (root !== null) {
  root.textContent = ''
  keepFocus(root)
  returnFocus(root)
  render(<Page />, root)
}

if (import.meta.env.PROD) {
  setTimeout(() => {
    void registerWorker()
    // A tab that stays open while the server is replaced finds the code's drawing here.
    void import('uqr').catch(() => {})
  }, LATER_MS)
}
