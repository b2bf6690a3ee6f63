import { type ClientOptions, DECK } from '../../client/client.js'
import { keepSeat } from './seats.js'
import { keep, kept } from './storage.js'

/** For this long somebody who asked for a seat still means it. */
const MEANT_MS = 60_000
const ANSWER_MS = 5_000

/** Asks for a seat. If the page is reloaded before the answer, {@link askAgain} asks for the same one. */
export async function askOnce<Made>(ask: (options: ClientOptions) => Promise<Made>): Promise<Made> {
  try {
    return await ask({ fetch: noting })
  } finally {
    keep('unanswered', null)
  }
}

/** Keeps the request, with its `Idempotency-Key`. Once seated, the client sends other requests with it too. */
const noting: typeof fetch = (url, init) => {
  if (/(sessions|join)$/.test(String(url)))
    keep('unanswered', [Date.now(), url, { ...init, signal: undefined }])
  return fetch(url, init)
}

/**
 * Asks again for a seat whose answer was lost with the page: for the server it is the same request.
 * @param isMeant - whether this is the request for the seat that is wanted here
 * @returns whether there is a seat now
 */
export async function askAgain(isMeant: (url: string, body: string) => boolean): Promise<boolean> {
  const request = kept('unanswered')
  if (!Array.isArray(request)) return false
  const [at, url, init] = request
  const isStale = Date.now() - at > MEANT_MS
  if (isStale) keep('unanswered', null)
  if (isStale || !isMeant(url, init.body)) return false
  try {
    const made = await (await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) })).json()
    // A refusal is an answer too.
    keep('unanswered', null)
    const { id, name, room } = made.session
    const { user_id: userId, user_token: userToken } = made
    keepSeat({ sessionId: id, userId, userToken, name, room, cards: DECK, people: [] })
    return true
  } catch {
    // It was refused, or there is still no answer.
    return false
  }
}
