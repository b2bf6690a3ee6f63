import { keptSignal } from './storage.js'

/** What a person has chosen on this device. Nothing of it leaves the browser but name and figure. */

export const LOOKS = ['system', 'light', 'dark'] as const
export type Look = (typeof LOOKS)[number]

/** The name that they gave last; empty at the first visit. */
export const ownName = keptSignal('name', (value) => (typeof value === 'string' ? value : ''))

/** The figure that they chose, 0 to 15; `null`: the one that their name makes. */
export const ownFigure = keptSignal('figure', (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 16 ? value : null,
)

export const look = keptSignal('look', (value) => LOOKS.find((known) => known === value) ?? 'system')

/** Single keys choose cards (WCAG 2.1.4 wants them to be switchable). */
export const hasKeys = keptSignal('keys', (value) => value !== false)

/** Whether one's card is covered until the reveal; `null`: covered for whoever leads, since they share their screen. */
export const isCovered = keptSignal('covered', (value) => (typeof value === 'boolean' ? value : null))

export const hasSound = keptSignal('sound', (value) => value === true)

/** A language tag of the catalogue; `null`: what the browser asks for. */
export const chosenLanguage = keptSignal('language', (value) => (typeof value === 'string' ? value : null))
