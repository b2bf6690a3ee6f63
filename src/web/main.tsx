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

/** How long to wait for a language that is not cached; until it arrives the page is English. */
const LANGUAGE_MS = 400
/** When the page has been idle for this long, the worker caches what is needed later. */
const LATER_MS = 1_500
/** Without a worker the page loads it itself, before the server is replaced under an open tab. */
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
// Not a top-level await: code shared with another script would then end up in a third one.
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
