import { computed, signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { WordKey } from './catalogue.js'
import { EN } from './en.js'
import { LANGUAGES } from './languages.js'
import type { Message } from './message.js'
import { textsOf } from './texts.js'

/** The language that the page speaks now. */
export const language = signal('en')
type Words = Readonly<Record<string, Message>>
/** In English, and what it is in the language that is spoken, in the same order; `null`: it is English. */
const english = signal<Words>(EN)
const texts = signal<readonly Message[] | null>(null)
const words = computed<Words>(() => {
  const known = Object.entries(english.value)
  return Object.fromEntries(known.map(([key, text], index) => [key, texts.value?.[index] ?? text]))
})

/** From now on the page has more to say. */
export function learn(more: Words): void {
  english.value = { ...english.peek(), ...more }
}

type Values = Readonly<Record<string, string | number>>

/** Speaks another language from now on. What fails to load leaves the one that is spoken. */
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

/** A text, with its values in their places. */
export function say(key: WordKey, values: Values = {}): string {
  return formOf(key, values['count']).replace(/\{(\w+)\}/g, (_, name: string) => numeral(values[name] ?? ''))
}

/** A text whose values are drawn: names in their own direction, numbers that stand out. */
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

/** Names as one says them: "Ada, Bob and Cem". */
export function List({ items }: { readonly items: readonly ComponentChildren[] }) {
  const format = new Intl.ListFormat(language.value, { type: 'conjunction' })
  const parts = format.formatToParts(items.map((_, index) => String(index)))
  return <>{parts.map(({ type, value }) => (type === 'element' ? items[Number(value)] : value))}</>
}

/** The same as plain text. */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(language.value, { type: 'conjunction' }).format(items)
}

/** A number as the language writes it. */
export function numeral(value: string | number): string {
  return typeof value === 'number' ? new Intl.NumberFormat(language.value).format(value) : value
}

function formOf(key: WordKey, count: unknown): string {
  const message = words.value[key] ?? ''
  if (typeof message === 'string') return message
  const rule = new Intl.PluralRules(language.value).select(Number(count))
  return message[rule] ?? message.other
}
