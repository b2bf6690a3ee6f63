/** What is asked for at a time: some nine frames, and no more than that is held for nothing. */
const BLOCK_BYTES = 4_096

const NO_BLOCK = Buffer.alloc(0)

/**
 * Memory for the frames of one session. Node.js puts all small buffers of a process into the same slabs, of 8 KiB
 * with Node 20 and of 64 KiB with Node 24, and one frame that a session keeps holds its whole slab, with what
 * others have put there and dropped long ago. Here a session's frames stand one after the other in blocks of
 * its own; a block goes with the last frame in it.
 */
export class FrameMemory {
  #block = NO_BLOCK
  #used = 0

  /** @returns the same bytes, in this session's memory */
  keep(frame: Buffer): Buffer {
    const kept = this.#take(frame.length)
    kept.set(frame)
    return kept
  }

  #take(length: number): Buffer {
    if (length > BLOCK_BYTES) return Buffer.allocUnsafeSlow(length)
    if (length > this.#block.length - this.#used) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.#used = 0
    }
    this.#used += length
    return this.#block.subarray(this.#used - length, this.#used)
  }
}
