/** A key as trackers give them (`SHOP-12`, `#12`), then a space, then what it names. */
const KEYED_TITLE = /^((?:[A-Za-z][A-Za-z0-9_]{0,19}-|#)\d{1,9}) (.+)$/
const KEY = /^(?:[A-Za-z][A-Za-z0-9_]{0,19}-|#)?\d{1,9}$/

/** A title with the tracker's key before it, so that people see at the table which issue they talk about. */
export function keyedTitle(key: string, title: string): string {
  const trimmed = key.trim()
  if (!KEY.test(trimmed)) return title
  const shown = /^\d/.test(trimmed) ? `#${trimmed}` : trimmed
  return title.startsWith(`${shown} `) ? title : `${shown} ${title}`
}

/** The key and the title apart again, for a table; a title without a key has an empty one. */
export function splitTitle(title: string): { readonly key: string; readonly title: string } {
  const [, key, rest] = KEYED_TITLE.exec(title) ?? []
  // A title that says its key twice would come back with one.
  if (key === undefined || rest === undefined || rest.startsWith(`${key} `)) return { key: '', title }
  return { key, title: rest }
}
