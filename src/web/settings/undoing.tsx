import { Name } from '../parts/name.js'
import type { Table } from '../table/table.js'
import { WORDS } from '../table/undo.js'
import { Say, say } from '../words/say.js'

/** An action that will be sent in a moment and can still be undone. */
export function Undoing({ table }: { readonly table: Table }) {
  const action = table.moves.undo.pending.value
  if (action === null) return null
  const name = 'name' in action ? <Name text={action.name} /> : ''
  return (
    <p class="undo">
      <span>
        <Say text={WORDS[action.type]} name={name} />
      </span>
      <button class="txt" type="button" onClick={() => table.moves.undo.cancel()}>
        {say('undo')}
      </button>
    </p>
  )
}
