import { FIGURE_PATHS } from './figure-paths.js'

/** How many figures there are. */
export const FIGURES = FIGURE_PATHS.length

/** The name of a figure on the wire. */
export function avatarOf(figure: number): string {
  return `figure-${figure + 1}`
}

/**
 * The figure of a participant: the chosen one, or one derived from the avatar that another client set.
 * Nothing is ever loaded: an image request would tell its host who sits at which table.
 */
export function figureOf(avatar: string, name: string): number {
  const chosen = Number(/^figure-(\d{1,2})$/.exec(avatar)?.[1])
  return chosen >= 1 && chosen <= FIGURES ? chosen - 1 : hashOf(avatar + name) % FIGURES
}

/** The figure derived from a name, until one is chosen. */
export function figureOfName(name: string): number {
  return hashOf(name.trim().normalize()) % FIGURES
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (const character of text) {
    hash ^= character.codePointAt(0) ?? 0
    hash = Math.imul(hash, 0x01000193) >>> 0
  }
  return hash
}
