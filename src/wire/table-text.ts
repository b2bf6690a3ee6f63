/** How a spreadsheet that saves "Unicode text" begins its file. */
const UTF_16LE_MARK = [0xff, 0xfe]

/**
 * The text of an uploaded table: UTF-8, UTF-16 where its mark says so, or what the request names.
 * @param charset - of the `Content-Type`; `null` without one
 * @returns `null` when the bytes are no text in that encoding, or nobody knows the encoding
 */
export function tableText(bytes: Uint8Array, charset: string | null): string | null {
  const isMarked = UTF_16LE_MARK.every((byte, index) => bytes[index] === byte)
  try {
    return new TextDecoder(isMarked ? 'utf-16le' : (charset ?? 'utf-8'), { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}
