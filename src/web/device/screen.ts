import { type ReadonlySignal, signal } from '@preact/signals'

/** From here on there is room beside the stage for the register. */
export const isWide = matching('(min-width: 1024px)')

/** Sixteen names find room under a lying ruler. */
export const isTall = matching('(min-height: 800px)')

/** From here on it is no phone. */
export const isMedium = matching('(min-width: 700px)')

function matching(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query)
  const matches = signal(list.matches)
  list.addEventListener('change', () => {
    matches.value = list.matches
  })
  return matches
}
