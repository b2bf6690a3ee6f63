/** The mark with which spreadsheets begin "Unicode text" files. */
const UTF_16LE_MARK = [0xff, 0xfe]

/**
 * The text of an uploaded table: UTF-8, UTF-16 if it has the byte order mark, or the charset named by the
 * request.
 * @param charset - of the `Content-Type`; `null` without one
 * @returns `null` when the bytes are not valid in that encoding, or the encoding is unknown
 */
export function tableText(bytes: Uint8Array, charset: string | null): string | null {
  const isMarked = UTF_16LE_MARK.every((byte, index) => bytes[index] === byte)
  try {
    return new TextDecoder(isMarked ? 'utf-16le' : (charset ?? 'utf-8'), { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
