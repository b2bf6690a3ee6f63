import type { WriteStream } from 'node:tty'

const ANSI = { bold: '1', dim: '2', green: '32', yellow: '33', cyan: '36' } as const

/** Colours a text, or leaves it unchanged. */
export type Paint = (style: keyof typeof ANSI, text: string) => string

export const painted: Paint = (style, text) => `\u001b[${ANSI[style]}m${text}\u001b[0m`
export const plain: Paint = (_style, text) => text

/** Colours on a terminal that supports them, unless `NO_COLOR` is set; none for a file or a pipe. */
export function paintFor(stream: Pick<WriteStream, 'isTTY' | 'hasColors'>): Paint {
  return stream.isTTY === true && stream.hasColors() ? painted : plain
}

/** How many columns a text takes on a terminal: colour codes take none, wide characters and emoji two. */
export function columnsOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape is what is taken out
  const visible = text.replaceAll(/\u001b\[\d+m/g, '')
  const graphemes = Array.from(GRAPHEMES.segment(visible), ({ segment }) => segment)
  return graphemes.reduce((sum, grapheme) => sum + (WIDE.test(grapheme) ? 2 : 1), 0)
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff01-\uff60]|\ufe0f/u
