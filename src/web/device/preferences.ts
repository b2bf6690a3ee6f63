import { keptSignal } from './storage.js'

/** The user's choices on this device. Only name and figure leave the browser. */

export const LOOKS = ['system', 'light', 'dark'] as const
export type Look = (typeof LOOKS)[number]

/** The name given last; empty on the first visit. */
export const ownName = keptSignal('name', (value) => (typeof value === 'string' ? value : ''))

/** The chosen figure, 0 to 15; `null`: the one derived from the name. */
export const ownFigure = keptSignal('figure', (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 16 ? value : null,
)

export const look = keptSignal('look', (value) => LOOKS.find((known) => known === value) ?? 'system')

/** Whether single keys choose cards (WCAG 2.1.4 requires a way to turn that off). */
export const hasKeys = keptSignal('keys', (value) => value !== false)

/** Whether the own card is covered until the reveal; `null`: only for the leader, who usually shares the screen. */
export const isCovered = keptSignal('covered', (value) => (typeof value === 'boolean' ? value : null))

export const hasSound = keptSignal('sound', (value) => value === true)

/** A language tag of the catalogue; `null`: the browser's language. */
export const chosenLanguage = keptSignal('language', (value) => (typeof value === 'string' ? value : null))
