import type { Table } from './table.js'

/** Events that show activity: a table must not end while people are talking at it. */
const STIRRING = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const

/** A pointer that moves on does not ask again sooner. */
const AGAIN_MS = 3_000

/**
 * Postpones the expiry silently when somebody is active in a visible tab after the warning: once per warning,
 * and again if that failed. Only a table without activity shows that it is about to end.
 * @returns stops it
 */
export function stayOpen(table: Table): () => void {
  const { expiring } = table.news
  let failedAt = Number.NEGATIVE_INFINITY
  const stir = async () => {
    const announced = expiring.peek()
    if (announced === null || announced.isPutOff || document.hidden) return
    if (!table.permissions.peek().canExtend || announced.reason === 'life_over') return
    if (performance.now() - failedAt < AGAIN_MS) return
    const putOff = { ...announced, isPutOff: true }
    expiring.value = putOff
    if (await table.moves.extend()) return
    failedAt = performance.now()
    if (expiring.peek() === putOff) expiring.value = announced
  }
  for (const type of STIRRING) addEventListener(type, stir, { passive: true })
  return () => {
    for (const type of STIRRING) removeEventListener(type, stir)
  }
}
