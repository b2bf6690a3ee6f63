import { tellConditions } from '../device/conditions.js'
import { stayAwake } from '../device/wake-lock.js'
import { nameTab } from '../live/title.js'
import { stayOpen } from './stay-open.js'
import type { Table } from './table.js'

/**
 * Side effects while somebody sits at a table: the tab's title shows what is expected, the screen stays on,
 * the expiry is postponed, phone conditions are reported.
 * @returns stops them
 */
export function attend(table: Table): () => void {
  const stops = [nameTab(table), stayOpen(table), stayAwake(table), tellConditions(table)]
  return () => {
    for (const stop of stops) stop()
  }
}
