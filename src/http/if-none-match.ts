/** Of an `If-None-Match` that is looked at, in code units: who has more versions than that gets the answer again. */
const ETAGS_LENGTH_MAX = 1_024

/** Whether an `If-None-Match` names what there is, by weak comparison (RFC 9110, section 13.1.2). */
export function hasSeen(known: string | undefined, etag: string): boolean {
  if (known === undefined || known.length > ETAGS_LENGTH_MAX) return false
  return known.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()))
}
