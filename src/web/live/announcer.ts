/*
 * What is said to those who do not see it. Two regions stand in the document from the beginning, since
 * one that comes with its text is not read out. What comes close together is said as one.
 */

const GATHER_MS = 800
/** A screen reader hears a text that was there before only after it has gone. */
const SILENCE_MS = 60

/** What waits to be said, by topic: a later word on the same topic takes the place of the earlier. */
const waiting = new Map<string, string>()
let isGathering = false

/**
 * Says something when there is a pause.
 * @param topic - what it is about; only the newest word on it is said
 */
export function announce(topic: string, text: string): void {
  waiting.delete(topic)
  waiting.set(topic, text)
  if (isGathering) return
  isGathering = true
  setTimeout(sayGathered, GATHER_MS)
}

/** Takes back what is not said yet. */
export function silence(topic: string): void {
  waiting.delete(topic)
}

/** Says at once what nobody may miss: that one leads, was removed, or has to act before it is over. */
export function alarm(text: string): void {
  utter('urgent', text)
}

function sayGathered(): void {
  isGathering = false
  const text = [...waiting.values()].join(' ')
  waiting.clear()
  if (text !== '') utter('said', text)
}

function utter(id: string, text: string): void {
  const region = document.getElementById(id)
  if (region === null) return
  region.textContent = ''
  setTimeout(() => {
    region.textContent = text
  }, SILENCE_MS)
}
