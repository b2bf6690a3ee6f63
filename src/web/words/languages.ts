/*
 * What the page says, by language. A language is a file beside this one with the keys of `en.ts`
 * and `en-beside.ts`; to
 * add one, translate that file and name it here. `{names}` stand for what is put in their place, and
 * may come in any order.
 */

export interface Language {
  /** In its own words. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
}

/** Every language that the page speaks, by its tag. */
export const LANGUAGES: Readonly<Record<string, Language>> = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
}

/** The best that there is for somebody who reads these languages, most welcome first. */
export function languageFor(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const known = Object.keys(LANGUAGES).find((language) => tag.toLowerCase().split('-')[0] === language)
    if (known !== undefined) return known
  }
  return 'en'
}
