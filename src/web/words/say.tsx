import { computed, signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { WordKey } from './catalogue.js'
import { EN } from './en.js'
import { LANGUAGES } from './languages.js'
import type { Message } from './message.js'
import { PARTS, type PartName, textsOf } from './texts.js'

/** The current language of the page. */
export const language = signal('en')
/** What was chosen last, if it is still on its way. */
let wantedTag = 'en'
type Words = Readonly<Record<string, Message>>
type Own = Readonly<Partial<Record<PartName, readonly Message[]>>>
/** The English texts by part, and those of the current language in the same order: none if it is English. */
const english = signal<Readonly<Partial<Record<PartName, Words>>>>({ page: EN })
const own = signal<Own>({})
const words = computed<Words>(() => {
  const said = PARTS.flatMap((part) =>
    Object.entries(english.value[part] ?? {}).map(([key, text], index) => [
      key,
      own.value[part]?.[index] ?? text,
    ]),
  )
  return Object.fromEntries(said)
})

/**
 * Adds texts to the page, in its current language.
 * @throws {Error} when that one cannot be loaded; then they are English
 */
export async function learn(part: PartName, more: Words): Promise<void> {
  english.value = { ...english.peek(), [part]: more }
  const tag = language.peek()
  const texts = await ownOf(tag)
  // A language chosen meanwhile has brought them along.
  if (language.peek() === tag) own.value = texts
}

/** Switches the language. If loading fails, the current one stays. */
export async function speak(tag: string): Promise<void> {
  const wanted = LANGUAGES[tag]
  if (wanted === undefined) return
  wantedTag = tag
  const texts = await ownOf(tag).catch(() => null)
  if (texts === null || wantedTag !== tag) return
  own.value = texts
  language.value = tag
  document.documentElement.lang = tag
  document.documentElement.dir = wanted.direction
}

/** The texts of a language, of all parts that the page knows by then. */
async function ownOf(tag: string): Promise<Own> {
  const texts: Partial<Record<PartName, readonly Message[]>> = {}
  if (tag === 'en') return texts
  const isKnown = tag === language.peek()
  const missing = () => PARTS.find((part) => english.peek()[part] !== undefined && texts[part] === undefined)
  for (let part = missing(); part !== undefined; part = missing()) {
    texts[part] = (isKnown ? own.peek()[part] : undefined) ?? (await textsOf(tag, part))
  }
  return texts
}

type Values = Readonly<Record<string, string | number>>

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
