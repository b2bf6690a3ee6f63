import type { Message } from './message.js'

/** The URLs of the other languages' texts, by file name. */
const URLS = import.meta.glob<string>(['./{??,??-??}.ts', '!./en.ts'], {
  query: '?texts',
  import: 'default',
  eager: true,
})

/**
 * All texts of the page in a language other than English, as data: the build keeps only the texts, in the
 * order of the English ones, those of `en.ts` before those of `en-beside.ts`.
 */
export async function textsOf(tag: string): Promise<readonly Message[]> {
  const response = await fetch(URLS[`./${tag}.ts`] ?? '')
  if (!response.ok) throw new Error(`the texts of ${tag} were answered with ${response.status}`)
  return response.json()
}
