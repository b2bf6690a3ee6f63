import type { Message } from './message.js'

/** The parts of the page's texts: those of its first script, and those of the panels beside the table. */
export const PARTS = ['page', 'beside'] as const

export type PartName = (typeof PARTS)[number]

/** The URLs of the other languages' texts, by file name. */
const URLS = import.meta.glob<string>(['./{??,??-??}{,-beside}.ts', '!./en*.ts'], {
  query: '?texts',
  import: 'default',
  eager: true,
})

/**
 * One part of the page's texts in a language other than English, as data: the build keeps only the texts, in
 * the order of the English ones.
 * @throws {Error} when they cannot be loaded
 */
export async function textsOf(tag: string, part: PartName): Promise<readonly Message[]> {
  const response = await fetch(URLS[part === 'page' ? `./${tag}.ts` : `./${tag}-${part}.ts`] ?? '')
  if (!response.ok) throw new Error(`the texts of ${tag} were answered with ${response.status}`)
  return response.json()
}
