const MASK = '***'
const CREDENTIALS_IN_URL = /(?<=\/\/)[^\s/?#"@]*@/g
const PEM = /-----BEGIN[\s\S]*/

/**
 * A setting's text in a form that may be shown: without the credentials of a URL, and without a key that was
 * given instead of its path.
 */
export function masked(text: string): string {
  return text.replaceAll(CREDENTIALS_IN_URL, `${MASK}@`).replace(PEM, MASK)
}
