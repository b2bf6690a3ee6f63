import { ROUTES } from '../../wire/routes.js'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const SEGMENTS_MAX = 8
const HIDDEN = '*'

/** The words that occur in paths here; those of the documentation are in no table. */
const WORDS: ReadonlySet<string> = new Set([
  ...Object.values(ROUTES).flatMap(({ path }) => path.split('/').filter((word) => !word.startsWith('{'))),
  'docs',
  'openapi.json',
])

/**
 * A path as it may be logged: the words of the route table and UUIDs stay, everything else is hidden.
 * A client that puts a token or a name into a path does not put it into the log.
 */
export function safePath(path: string): string {
  const segments = path.split('/', SEGMENTS_MAX + 1)
  const shown = segments
    .slice(0, SEGMENTS_MAX)
    .map((segment) => (WORDS.has(segment) || UUID.test(segment) ? segment : HIDDEN))
  return segments.length > SEGMENTS_MAX ? [...shown, HIDDEN].join('/') : shown.join('/')
}

const USER_AGENT_LENGTH_MAX = 200
/** More is read than is logged, so that no token is cut in two and then not recognised. */
const USER_AGENT_LENGTH_READ = 400
/** Matches user tokens, and anything that could be one. */
const TOKENS = /[A-Za-z0-9_-]{43,}/g

/** The client's name as it may be logged; `null`: none. */
export function safeUserAgent(given: string | undefined): string | null {
  const read = given?.slice(0, USER_AGENT_LENGTH_READ).replace(TOKENS, HIDDEN)
  return read?.slice(0, USER_AGENT_LENGTH_MAX) ?? null
}
