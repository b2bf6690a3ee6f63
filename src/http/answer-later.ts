import type { Request } from 'express'

/**
 * Lets a handler answer when it has waited for something; what it throws takes the way of every
 * other error.
 * @returns `undefined`, as a handler that answers itself does
 */
export function answerLater(request: Request, answer: () => Promise<void>): undefined {
  answer().catch((error: unknown) => request.next?.(error))
  return undefined
}
