import type { EN } from './en.js'
import type { EN_BESIDE } from './en-beside.js'
import type { Message } from './message.js'

/** What a text is called in every language. */
export type WordKey = keyof typeof EN | keyof typeof EN_BESIDE

/** All that the page says, in one language. */
export type Catalogue = Readonly<Record<WordKey, Message>>
