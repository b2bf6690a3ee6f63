import type { Response } from 'express'
import type { UserId } from '../../machines/ids.js'
import type { SessionHost } from '../runtime/session-host.js'
import type { Input } from './validate.js'

/** What the steps before a route's handler have found out about a request, each its own part. */
export interface Call {
  /** The body as it came: parsed, not judged. */
  sent: unknown
  host: SessionHost | undefined
  /** The session may not be what it is by now: its log cannot be read. */
  isStale: boolean
  input: Input
  by: UserId | undefined
}

const NO_INPUT: Input = { params: {}, query: {}, body: undefined }

/** Begins a call: nothing is known of it yet. */
export function beginCall(response: Response): void {
  const call: Call = { sent: undefined, host: undefined, isStale: false, input: NO_INPUT, by: undefined }
  response.locals['call'] = call
}

/** What is known by now of the call that this response answers. */
export function callOf(response: Response): Call {
  return response.locals['call']
}
