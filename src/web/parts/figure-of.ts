import { FIGURE_PATHS } from './figure-paths.js'

/** How many figures there are. */
export const FIGURES = FIGURE_PATHS.length

/** What a figure is called on the wire. */
export function avatarOf(figure: number): string {
  return `figure-${figure + 1}`
}

/**
 * The figure of a participant: the one that they chose here, or one that is made of what another
 * client calls their picture. Nothing is ever loaded: a picture's address would tell its host who
 * sits at which table.
 */
export function figureOf(avatar: string, name: string): number {
  const chosen = Number(/^figure-(\d{1,2})$/.exec(avatar)?.[1])
  return chosen >= 1 && chosen <= FIGURES ? chosen - 1 : hashOf(avatar + name) % FIGURES
}

/** The figure that a name makes, before anybody chooses one. */
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
