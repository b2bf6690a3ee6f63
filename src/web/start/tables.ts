import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { listSessions, type SessionSummaryView } from '../../client/client.js'

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

const LOOK_MS = 10_000

/** The tables on the server, refreshed regularly while somebody looks at them. */
export function useTables(): Signal<Tables> {
  const tables = useSignal<Tables>({ open: null, capacity: null, isStale: false })
  useEffect(() => {
    const abort = new AbortController()
    const look = async () => {
      if (document.hidden) return
      try {
        const [open, capacity] = await Promise.all([listSessions(abort), capacityOf(abort.signal)])
        tables.value = { open, capacity, isStale: false }
      } catch {
        if (!abort.signal.aborted) tables.value = { ...tables.value, isStale: true }
      }
    }
    void look()
    const timer = setInterval(look, LOOK_MS)
    document.addEventListener('visibilitychange', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      abort.abort()
    }
  }, [tables])
  return tables
}

async function capacityOf(signal: AbortSignal): Promise<Capacity> {
  const response = await fetch('/api/health/capacity', { signal })
  if (!response.ok) throw new Error(`the capacity was answered with ${response.status}`)
  return response.json()
}
