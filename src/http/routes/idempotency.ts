import type { Request, Response } from 'express'
import { WireError } from '../../wire/errors.js'
import type { Services } from '../services.js'

const KEY_LENGTH_MAX = 128

interface Repeatable {
  readonly services: Services
  readonly request: Request
  readonly response: Response
  readonly body: unknown
}

/**
 * Makes something once for a client's `Idempotency-Key`: the same key with the same body gets the
 * first answer again, cookie and location included; with another body `VALIDATION_ERROR`.
 * @param scope - the operation and what it is about
 */
export function answerOnce<Answer>(
  scope: string,
  { services, request, response, body }: Repeatable,
  make: () => Answer,
): Answer | undefined {
  const key = keyOf(request)
  if (key === null) return make()
  const { replies, clock } = services
  const bodyText = JSON.stringify(body)
  const known = replies.find(scope, key, bodyText, clock.now())
  if (known === 'conflict') throw keyError('was used with another body')
  if (known !== null) {
    const { headers, answer } = JSON.parse(known)
    response.status(201).set(headers).json(answer)
    return undefined
  }
  const answer = make()
  const headers = { 'Set-Cookie': response.get('Set-Cookie'), Location: response.get('Location') }
  replies.keep(scope, key, bodyText, JSON.stringify({ headers, answer }), clock.now())
  return answer
}

function keyOf(request: Request): string | null {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return null
  if (key.length > 0 && key.length <= KEY_LENGTH_MAX) return key
  throw keyError(`must have 1 to ${KEY_LENGTH_MAX} characters`)
}

function keyError(message: string): WireError {
  return new WireError('VALIDATION_ERROR', { context: { issues: [{ path: 'Idempotency-Key', message }] } })
}
