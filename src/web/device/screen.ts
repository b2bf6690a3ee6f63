import { type ReadonlySignal, signal } from '@preact/signals'

/** From this width on, the register fits beside the stage. */
export const isWide = matching('(min-width: 1024px)')

/** From this height on, sixteen names fit under a horizontal ruler. */
export const isTall = matching('(min-height: 800px)')

/** From this width on, it is not a phone. */
export const isMedium = matching('(min-width: 700px)')

function matching(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query)
  const matches = signal(list.matches)
  list.addEventListener('change', () => {
    matches.value = list.matches
  })
  return matches
}
