import { Name } from '../parts/name.js'
import type { Table } from '../table/table.js'
import { Say, say } from '../words/say.js'

/** What will be sent in a moment, and can still be taken back. */
export function Undoing({ table }: { readonly table: Table }) {
  const action = table.undo.pending.value
  if (action === null) return null
  const name = action.type === 'remove' ? <Name text={action.name} /> : ''
  const text = action.type === 'remove' ? 'removing' : action.type === 'end' ? 'ending' : 'leaving'
  return (
    <p class="undo">
      <span>
        <Say text={text} name={name} />
      </span>
      <button class="txt" type="button" onClick={() => table.undo.cancel()}>
        {say('undo')}
      </button>
    </p>
  )
}
