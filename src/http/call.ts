import type { Response } from 'express'
import type { UserId } from '../../machines/ids.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { Input } from './validate.js'

/** What the steps before a route's handler have found out about a request, each contributing its part. */
export interface Call {
  /** The body as it was sent: parsed, not validated. */
  sent: unknown
  host: SessionHost | undefined
  /** The session may be outdated: its log cannot be read. */
  isStale: boolean
  input: Input
  by: UserId | undefined
}

const NO_INPUT: Input = { params: {}, query: {}, body: undefined }

/** Begins a call, of which nothing is known yet. */
export function beginCall(response: Response): void {
  const call: Call = { sent: undefined, host: undefined, isStale: false, input: NO_INPUT, by: undefined }
  response.locals['call'] = call
}

/** What is known so far about the call that this response answers. */
export function callOf(response: Response): Call {
  return response.locals['call']
}
