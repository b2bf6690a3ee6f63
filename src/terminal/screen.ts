import type { WriteStream } from 'node:tty'

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'

/**
 * A terminal's alternate screen, drawn in place; closing it restores the original screen. The terminal
 * cuts off lines that are too long; excess lines are not drawn.
 */
export class Screen {
  readonly #stream: WriteStream

  constructor(stream: WriteStream) {
    this.#stream = stream
    stream.write(ENTER)
  }

  draw(lines: readonly string[]): void {
    const visible = lines.slice(0, this.#stream.rows || lines.length)
    const text = visible.map((line) => line + REST_OF_LINE).join('\n')
    this.#stream.write(`${HOME}${text}${REST_OF_SCREEN}`)
  }

  /** Returns to the original screen. */
  leave(): void {
    this.#stream.write(LEAVE)
  }
}
