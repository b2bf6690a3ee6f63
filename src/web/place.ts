/** What an address of the page refers to. Each can be linked to and reopened. */
export type Place =
  | { readonly type: 'start' }
  | { readonly type: 'session'; readonly id: string }
  | RoomPlace
  | { readonly type: 'nowhere' }

/** A room's permanent link, whichever table is behind it today. */
export interface RoomPlace {
  readonly type: 'room'
  readonly room: string
}

/** @param path - without query and fragment */
export function placeOf(path: string): Place {
  const [, kind, name, ...rest] = path.replace(/\/$/, '').split('/')
  if (kind === undefined) return { type: 'start' }
  if (rest.length === 0 && name !== undefined && name !== '') {
    if (kind === 's') return { type: 'session', id: name }
    if (kind === 'r') return { type: 'room', room: decoded(name).toLowerCase() }
  }
  return { type: 'nowhere' }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
