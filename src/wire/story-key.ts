/** A key as trackers write it (`SHOP-12`, `#12`), followed by a space and the title. */
const KEYED_TITLE = /^((?:[A-Za-z][A-Za-z0-9_]{0,19}-|#)\d{1,9}) (.+)$/
const KEY = /^(?:[A-Za-z][A-Za-z0-9_]{0,19}-|#)?\d{1,9}$/

/** A title with the tracker's key in front, so that people at the table know which issue it is. */
export function keyedTitle(key: string, title: string): string {
  const trimmed = key.trim()
  if (!KEY.test(trimmed)) return title
  const shown = /^\d/.test(trimmed) ? `#${trimmed}` : trimmed
  return title.startsWith(`${shown} `) ? title : `${shown} ${title}`
}

/** Splits key and title again for a table; without a key it is empty. */
export function splitTitle(title: string): { readonly key: string; readonly title: string } {
  const [, key, rest] = KEYED_TITLE.exec(title) ?? []
  // A title that repeats its key would come back with one fewer.
  if (key === undefined || rest === undefined || rest.startsWith(`${key} `)) return { key: '', title }
  return { key, title: rest }
}
