import { useEffect } from 'preact/hooks'
import { MagnaPPError } from '../../client/client.js'
import { ServerWords } from '../ends/server-words.js'
import { announce } from '../live/announcer.js'
import { say } from '../words/say.js'

interface RefusalProps {
  readonly error: unknown
  /** For the field that it describes. */
  readonly id?: string
}

/** Why a request failed; it is announced too. */
export function Refusal({ error, id }: RefusalProps) {
  const problem = error instanceof MagnaPPError ? error.problem : null
  useEffect(() => announce('refusal', problem?.message ?? say('noAnswer')), [error])
  return (
    <div class="refusal" id={id}>
      {problem === null ? <p>{say('noAnswer')}</p> : <ServerWords problem={problem} />}
    </div>
  )
}
