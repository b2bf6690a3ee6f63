/** Allocated at a time: some nine frames. No more than this is ever held unused. */
const BLOCK_BYTES = 4_096

const NO_BLOCK = Buffer.alloc(0)

/**
 * Memory for the frames of one session. Node.js puts all small buffers of a process into shared slabs, of
 * 8 KiB in Node 20 and 64 KiB in Node 24, so a single frame that a session keeps retains its whole slab,
 * including what others dropped long ago. Here a session's frames are packed into blocks of its own; a block
 * is freed with the last frame in it.
 */
export class FrameMemory {
  #block = NO_BLOCK
  #used = 0

  /** @returns a copy in this session's memory */
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
