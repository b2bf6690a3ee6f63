import { tellConditions } from '../device/conditions.js'
import { stayAwake } from '../device/wake-lock.js'
import { nameTab } from '../live/title.js'
import { stayOpen } from './stay-open.js'
import type { Table } from './table.js'

/**
 * What goes on beside the drawing while somebody sits at a table: the tab says what is asked, the
 * screen stays on, the end is put off, the server is told how the phone fares.
 * @returns stops it
 */
export function attend(table: Table): () => void {
  const stops = [nameTab(table), stayOpen(table), stayAwake(table), tellConditions(table)]
  return () => {
    for (const stop of stops) stop()
  }
}
