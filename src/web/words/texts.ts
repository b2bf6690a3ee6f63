import type { Message } from './message.js'

/** Where the texts of each other language are, by its file's name. */
const URLS = import.meta.glob<string>(['./{??,??-??}.ts', '!./en.ts'], {
  query: '?texts',
  import: 'default',
  eager: true,
})

/**
 * All that the page says, in a language that is not English: data, of which the build has made the texts
 * alone, in the order of the English ones, those of `en.ts` before those of `en-beside.ts`.
 */
export async function textsOf(tag: string): Promise<readonly Message[]> {
  const response = await fetch(URLS[`./${tag}.ts`] ?? '')
  if (!response.ok) throw new Error(`the texts of ${tag} were answered with ${response.status}`)
  return response.json()
}
