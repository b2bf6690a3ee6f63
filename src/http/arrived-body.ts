/** A body may come in so many pieces, and in one more for every so many bytes: each takes the parser some work. */
const PIECES_MIN = 256
const PIECE_BYTES_MIN = 64

const NOTHING = Buffer.alloc(0)

/**
 * What has arrived of a body. The pieces are copied together, since a piece takes some hundred bytes of memory
 * even if there is a single byte in it.
 */
export class ArrivedBody {
  #bytes: Buffer = NOTHING
  #length = 0
  #pieces = 0

  get length(): number {
    return this.#length
  }

  /** Whether the pieces are too small for what they cost. */
  get isPowder(): boolean {
    return this.#pieces > PIECES_MIN + this.#length / PIECE_BYTES_MIN
  }

  add(piece: Buffer): void {
    const length = this.#length + piece.length
    if (this.#length === 0) this.#bytes = piece
    else {
      if (length > this.#bytes.length) this.#bytes = grown(this.whole(), 2 * length)
      piece.copy(this.#bytes, this.#length)
    }
    this.#length = length
    this.#pieces += 1
  }

  whole(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }
}

function grown(bytes: Buffer, length: number): Buffer {
  const more = Buffer.allocUnsafeSlow(length)
  bytes.copy(more)
  return more
}
