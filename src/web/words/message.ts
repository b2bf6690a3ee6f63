/** One form for each plural category of the language (Unicode's, as in `Intl.PluralRules`). */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }

/** A text; `{names}` are placeholders, and `{count}` selects the plural form. */
export type Message = string | PluralForms
