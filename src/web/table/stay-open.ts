import type { Table } from './table.js'

/** What tells that somebody is at it: a table at which people talk does not end under their hands. */
const STIRRING = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/**
 * Puts the end off without a word when somebody stirs in a visible tab after the warning: once for each
 * warning. Only a table where nobody stirs is shown that it is about to end.
 * @returns stops it
 */
export function stayOpen(table: Table): () => void {
  const stir = () => {
    const expiring = table.news.expiring.peek()
    if (expiring === null || expiring.isPutOff || document.hidden) return
    if (!table.permissions.peek().canExtend || expiring.reason === 'life_over') return
    table.news.expiring.value = { ...expiring, isPutOff: true }
    void table.moves.extend()
  }
  for (const type of STIRRING) addEventListener(type, stir, { passive: true })
  return () => {
    for (const type of STIRRING) removeEventListener(type, stir)
  }
}
