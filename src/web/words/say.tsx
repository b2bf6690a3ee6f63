import { computed, signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { WordKey } from './catalogue.js'
import { EN } from './en.js'
import { LANGUAGES } from './languages.js'
import type { Message } from './message.js'
import { textsOf } from './texts.js'

/** The current language of the page. */
export const language = signal('en')
type Words = Readonly<Record<string, Message>>
/** The English texts, and those of the current language in the same order; `null`: it is English. */
const english = signal<Words>(EN)
const texts = signal<readonly Message[] | null>(null)
const words = computed<Words>(() => {
  const known = Object.entries(english.value)
  return Object.fromEntries(known.map(([key, text], index) => [key, texts.value?.[index] ?? text]))
})

/** Adds texts to the page. */
export function learn(more: Words): void {
  english.value = { ...english.peek(), ...more }
}

type Values = Readonly<Record<string, string | number>>

/** Switches the language. If loading fails, the current one stays. */
export async function speak(tag: string): Promise<void> {
  const wanted = LANGUAGES[tag]
  if (wanted === undefined) return
  try {
    texts.value = tag === 'en' ? null : await textsOf(tag)
  } catch {
    return
  }
  language.value = tag
  document.documentElement.lang = tag
  document.documentElement.dir = wanted.direction
}

/** A text with its placeholders filled. */
export function say(key: WordKey, values: Values = {}): string {
  return formOf(key, values['count']).replace(/\{(\w+)\}/g, (_, name: string) => numeral(values[name] ?? ''))
}

/** A text whose values are rendered: names in their own direction, numbers emphasised. */
export function Say({
  text,
  count,
  ...values
}: { readonly text: WordKey; readonly count?: number } & Readonly<Record<string, ComponentChildren>>) {
  const parts = formOf(text, count).split(/\{(\w+)\}/)
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 0 ? part : part === 'count' && values[part] === undefined ? count : values[part],
      )}
    </>
  )
}

/** A list of names: "Ada, Bob and Cem". */
export function List({ items }: { readonly items: readonly ComponentChildren[] }) {
  const format = new Intl.ListFormat(language.value, { type: 'conjunction' })
  const parts = format.formatToParts(items.map((_, index) => String(index)))
  return <>{parts.map(({ type, value }) => (type === 'element' ? items[Number(value)] : value))}</>
}

/** The same as plain text. */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(items)
}

/** A number in the language's notation. */
export function numeral(value: string | number): string {
  return typeof value === 'number' ? new Intl.NumberFormat(language.value).format(value) : value
}

function formOf(key: WordKey, count: unknown): string {
  const message = words.value[key] ?? ''
  if (typeof message === 'string') return message
  const rule = new Intl.PluralRules(language.value).select(Number(count))
  return message[rule] ?? message.other
}
