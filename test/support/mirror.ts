import { reduce, wholeSession } from '../../src/client/reducer.js'
import { stateChecksum } from '../../src/sync/checksum.js'
import type { SessionView } from '../../src/wire/views.js'
import type { Frame } from './sse.js'

/** What a client makes of what came over its stream. */
export interface Mirror {
  readonly session: SessionView
  /** Checksums that did not match what the events had made; 0 unless an event says too little. */
  readonly resyncs: number
}

/** Applies frames as the client library does, and checks every checksum on the way against the result. */
export function applied(frames: readonly Frame[]): Mirror {
  let session: SessionView | null = null
  let resyncs = 0
  for (const { data } of frames) {
    session = session === null ? wholeSession(data) : reduce(session, data)
    if (session === null) throw new Error('the first frame is not the whole session')
    if (data.state_checksum !== null && checksumOf(session) !== data.state_checksum) resyncs += 1
  }
  if (session === null) throw new Error('no frame has come')
  return { session, resyncs }
}

function checksumOf(session: SessionView): string {
  return stateChecksum({
    session_id: session.id,
    status: session.status,
    participants: session.participants,
    scrum_master_id: session.scrum_master_id,
    current_round: session.current_round,
    state_version: session.state_version,
    grace_period_active: session.grace_period_expires !== null,
  })
}
