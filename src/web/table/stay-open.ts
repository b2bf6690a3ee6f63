import type { Table } from './table.js'

/** Events that show activity: a table must not end while people are talking at it. */
const STIRRING = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/**
 * Postpones the expiry silently when somebody is active in a visible tab after the warning: once per warning.
 * Only a table without activity shows that it is about to end.
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
