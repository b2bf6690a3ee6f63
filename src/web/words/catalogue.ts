import type { EN } from './en.js'
import type { EN_BESIDE } from './en-beside.js'
import type { Message } from './message.js'

/** The key of a text, the same in every language. */
export type WordKey = keyof typeof EN | keyof typeof EN_BESIDE

/** The same texts in another language. */
export type CatalogueOf<English> = Readonly<Record<keyof English, Message>>
