/*
 * Announcements for people who do not see the page. Two live regions are in the document from the start,
 * since a region that is inserted with its text is not read out. Messages in quick succession are announced
 * together.
 */

const GATHER_MS = 800
/** A screen reader reads a repeated text only after it has been removed. */
const SILENCE_MS = 60

/** Pending announcements by topic: a later one replaces an earlier one on the same topic. */
const waiting = new Map<string, string>()
let isGathering = false

/**
 * Announces something when there is a pause.
 * @param topic - the subject; only its latest announcement is made
 */
export function announce(topic: string, text: string): void {
  waiting.delete(topic)
  waiting.set(topic, text)
  if (isGathering) return
  isGathering = true
  setTimeout(sayGathered, GATHER_MS)
}

/** Cancels what was not announced yet. */
export function silence(topic: string): void {
  waiting.delete(topic)
}

/** Announces at once what nobody may miss: that they lead, were removed, or must act in time. */
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
