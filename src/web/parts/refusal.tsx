import { MagnaPPError } from '../../client/client.js'
import { ServerWords } from '../ends/server-words.js'
import { say } from '../words/say.js'

/** Why a request failed. */
export function Refusal({ error }: { readonly error: unknown }) {
  const problem = error instanceof MagnaPPError ? error.problem : null
  return (
    <div class="refusal">
      {problem === null ? <p>{say('noAnswer')}</p> : <ServerWords problem={problem} />}
    </div>
  )
}
