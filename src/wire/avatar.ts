import { EMOJI } from './emoji.js'

/** In code units, for an emoji or an address as well. */
export const AVATAR_LENGTH_MAX = 200

const ONE_EMOJI = new RegExp(`^${EMOJI}$`, 'u')
/** An identifier or a path: letters and digits of any script, but those that nobody sees. */
const NAME_OR_PATH = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd} ._/-])+$/u
/** An address as it stands in a link: printable, and without what would end the attribute that it is put into. */
const ADDRESS = /^https?:\/\/[!#-&(-;=?-[\]_a-z~]+$/i
const OUTER_SPACES = /^ +| +$/g
const SOME_PAGE = 'http://page.invalid'

/**
 * An avatar as it is kept (contract section 5, "Input"): an identifier, a path, an emoji, or an `http:` or
 * `https:` address without credentials; in NFC and without spaces around it. It becomes the `src` of other
 * people's images, so a path of this API is none, nor one that leaves its folder or its host.
 * @returns `null` when it is no avatar
 */
export function avatarOf(text: string): string | null {
  if (text.length > AVATAR_LENGTH_MAX) return null
  const avatar = text.normalize('NFC').replace(OUTER_SPACES, '')
  if (NAME_OR_PATH.test(avatar)) return isHarmlessPath(avatar) ? avatar : null
  return ONE_EMOJI.test(avatar) || isAddress(avatar) ? avatar : null
}

/** The host that an avatar's address names, as the standard for URLs writes it; `null`: it is no address. */
export function hostnameOfAvatar(avatar: string): string | null {
  const kept = avatarOf(avatar)
  return kept !== null && isAddress(kept) ? new URL(kept).hostname : null
}

/** Where a browser would look for it: `./api/x` from a page at the root is the API's too, `//x` another host, and `.//api` is `//api`. */
function isHarmlessPath(path: string): boolean {
  if (path.includes('..') || path.includes('//')) return false
  const place = new URL(path, SOME_PAGE).pathname.toLowerCase()
  return !place.startsWith(path.startsWith('/') ? '/api' : '/api/')
}

function isAddress(text: string): boolean {
  if (!ADDRESS.test(text) || !URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username === '' && password === ''
}
