import { EMOJI } from './emoji.js'

/** In code units, also for an emoji or an address. */
export const AVATAR_LENGTH_MAX = 200

/** Made for the first one: that takes a while, and the start need not wait for it. */
let oneEmoji: RegExp | undefined
/** An identifier or a path: letters and digits of any script, except invisible ones. */
const NAME_OR_PATH = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{Nd} ._/-])+$/u
/** An address as it appears in a link: printable, without characters that would end the attribute it is put into. */
const ADDRESS = /^https?:\/\/[!#-&(-;=?-[\]_a-z~]+$/i
const OUTER_SPACES = /^ +| +$/g
const SOME_PAGE = 'http://page.invalid'

/**
 * An avatar in its stored form (contract section 5, "Input"): an identifier, a path, an emoji, or an `http:`
 * or `https:` address without credentials; in NFC and trimmed. It becomes the `src` of images on other
 * people's pages, so a path of this API is not accepted, nor one that leaves its folder or its host.
 * @returns `null` when it is not an avatar
 */
export function avatarOf(text: string): string | null {
  if (text.length > AVATAR_LENGTH_MAX) return null
  const avatar = text.normalize('NFC').replace(OUTER_SPACES, '')
  if (NAME_OR_PATH.test(avatar)) return isHarmlessPath(avatar) ? avatar : null
  oneEmoji ??= new RegExp(`^${EMOJI}$`, 'u')
  return oneEmoji.test(avatar) || isAddress(avatar) ? avatar : null
}

/** The host in an avatar's address, normalised as in the URL standard; `null`: not an address. */
export function hostnameOfAvatar(avatar: string): string | null {
  const kept = avatarOf(avatar)
  return kept !== null && isAddress(kept) ? new URL(kept).hostname : null
}

/**
 * Whether a browser would request it neither from the API nor from another host: from a page at the root,
 * `./api/x` is the API's too, `//x` is another host, and `.//api` is `//api`.
 */
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
