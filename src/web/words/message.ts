/** One form for each plural category of the language (Unicode's, as `Intl.PluralRules` tells them). */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }

/** A text; `{names}` in it stand for what is put in their place, and `{count}` chooses the form. */
export type Message = string | PluralForms
