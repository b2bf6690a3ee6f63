/*
 * The languages of the page. A language is two files in this folder, with the keys of `en.ts` and of
 * `en-beside.ts`; to add one, translate these and list it here. `{names}` are placeholders and may come in any
 * order.
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

/** The best available language for somebody who reads these, in order of preference. */
export function languageFor(wanted: readonly string[]): string {
  for (const tag of wanted) {
    const known = Object.keys(LANGUAGES).find((language) => tag.toLowerCase().split('-')[0] === language)
    if (known !== undefined) return known
  }
  return 'en'
}
