const MASK = '***'
const CREDENTIALS_IN_URL = /(?<=\/\/)[^\s/?#"@]*@/g
const PEM = /-----BEGIN[\s\S]*/

/** A setting's text as it may be shown: without the credentials of a URL, and without a key that was given in the place of its path. */
export function masked(text: string): string {
  return text.replaceAll(CREDENTIALS_IN_URL, `${MASK}@`).replace(PEM, MASK)
}
