import { type Signal, useSignal } from '@preact/signals'
import { useCallback } from 'preact/hooks'
import { listSessions, type SessionSummaryView } from '../../client/client.js'
import { useLooks } from '../parts/use-looks.js'

/** The server's capacity for tables. */
export interface Capacity {
  readonly max_sessions: number
  readonly available_slots: number
  readonly at_capacity: boolean
}

export interface Tables {
  /** `null`: not known yet. */
  readonly open: readonly SessionSummaryView[] | null
  readonly capacity: Capacity | null
  /** Whether the latest request failed. */
  readonly isStale: boolean
}

/** The tables on the server, refreshed regularly while somebody looks at them. */
export function useTables(): Signal<Tables> {
  const tables = useSignal<Tables>({ open: null, capacity: null, isStale: false })
  const look = useCallback(
    async (signal: AbortSignal) => {
      try {
        const [open, capacity] = await Promise.all([listSessions({ signal }), capacityOf(signal)])
        tables.value = { open, capacity, isStale: false }
      } catch {
        if (!signal.aborted) tables.value = { ...tables.value, isStale: true }
      }
    },
    [tables],
  )
  useLooks(look)
  return tables
}

async function capacityOf(signal: AbortSignal): Promise<Capacity> {
  const response = await fetch('/api/health/capacity', { signal })
  if (!response.ok) throw new Error(`the capacity was answered with ${response.status}`)
  return response.json()
}
