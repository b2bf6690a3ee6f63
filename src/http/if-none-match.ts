/** How much of an `If-None-Match` is examined, in code units; a client with more versions gets the whole answer. */
const ETAGS_LENGTH_MAX = 1_024

/** Whether an `If-None-Match` names the current version, by weak comparison (RFC 9110, section 13.1.2). */
export function hasSeen(known: string | undefined, etag: string): boolean {
  if (known === undefined || known.length > ETAGS_LENGTH_MAX) return false
  return known.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()))
}
