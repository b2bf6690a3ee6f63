import type { Request } from 'playwright-core'
import { waitUntil } from '../../support/log-lines.js'
import type { Person } from './team.js'

/** Requests of somebody's page that wait on a slow line. */
export interface Held {
  readonly sent: readonly Request[]
  /** Lets the next one pass, once it is there. */
  readonly letPass: () => Promise<void>
  /** Loses the next one on the way to the server. */
  readonly lose: () => Promise<void>
}

/** Holds requests back until told to let the next one pass. */
export async function holdRequests({ page }: Person, path: string, method: string): Promise<Held> {
  const sent: Request[] = []
  const held: ((isLost: boolean) => void)[] = []
  await page.route(path, async (route) => {
    if (route.request().method() !== method) return route.continue()
    sent.push(route.request())
    const isLost = await new Promise<boolean>((go) => held.push(go))
    await (isLost ? route.abort('connectionreset') : route.continue())
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
