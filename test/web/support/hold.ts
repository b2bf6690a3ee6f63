import { randomUUID } from 'node:crypto'
import type { Request } from 'playwright-core'
import { waitUntil } from '../../support/log-lines.js'
import type { Person } from './team.js'

/** Requests of somebody's page that wait on a slow line. */
export interface Held {
  /** Each once, however often the page asks again for its answer. */
  readonly sent: readonly Request[]
  /** Lets the next one pass, once it is there. */
  readonly letPass: () => Promise<void>
  /** Loses the next one on the way. */
  readonly lose: () => Promise<void>
}

/** Holds requests back, or their answers, until told to let the next one pass. */
export async function hold(
  { page }: Person,
  path: string,
  method: string,
  what: 'request' | 'answer' = 'request',
): Promise<Held> {
  const sent: Request[] = []
  const held: ((isLost: boolean) => void)[] = []
  const fates = new Map<string, Promise<boolean>>()
  await page.route(path, async (route) => {
    const request = route.request()
    if (request.method() !== method) return route.continue()
    const key = request.headers()['idempotency-key'] ?? randomUUID()
    const fate = fates.get(key) ?? new Promise<boolean>((go) => held.push(go))
    if (!fates.has(key)) sent.push(request)
    fates.set(key, fate)
    const response = what === 'answer' ? await route.fetch() : null
    const isLost = await fate
    fates.delete(key)
    const pass = () => {
      if (isLost) return route.abort('connectionreset')
      return response === null ? route.continue() : route.fulfill({ response })
    }
    // The page may have given this attempt up.
    await pass().catch(() => {})
  })
  const go = async (isLost: boolean) => {
    await waitUntil(() => held.length > 0)
    held.shift()?.(isLost)
  }
  return { sent, letPass: () => go(false), lose: () => go(true) }
}

/**
 * Holds back one answer, as if the server had taken its time.
 * @returns lets it pass
 */
export async function holdAnswer(
  { page }: Person,
  path: string,
  method: string,
): Promise<() => Promise<void>> {
  let letPass: (() => void) | null = null
  let isHeld = false
  let isAnswered = false
  await page.route(path, async (route) => {
    if (isHeld || route.request().method() !== method) return route.fallback()
    isHeld = true
    const response = await route.fetch()
    await new Promise<void>((pass) => {
      letPass = pass
    })
    await route.fulfill({ response })
    isAnswered = true
  })
  return async () => {
    await waitUntil(() => letPass !== null)
    letPass?.()
    await waitUntil(() => isAnswered)
  }
}
