import { useSignal } from '@preact/signals'
import { Icon } from '../parts/icon.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { linesOf, readTable } from './read-table.js'

interface AddProps {
  readonly table: Table
  /** Called when the pasted text looks like a tracker's table. */
  readonly onTable: (text: string) => void
}

/** A field for new stories; pasted lines become one story each. */
export function AddStories({ table, onTable }: AddProps) {
  const text = useSignal('')
  const isBusy = useSignal(false)
  const add = async (titles: readonly string[]) => {
    if (titles.length === 0 || isBusy.value) return
    isBusy.value = true
    const stories = titles.map((title) => ({ title }))
    if (await table.moves.ask(() => table.client.commands.stories.add(...stories))) text.value = ''
    isBusy.value = false
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void add(linesOf(text.value))
      }}
    >
      <label for="add-story">{say('addStory')}</label>
      <div class="field">
        <input
          id="add-story"
          type="text"
          dir="auto"
          autocomplete="off"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value
          }}
          onPaste={(event) => {
            const pasted = event.clipboardData?.getData('text/plain') ?? ''
            if (linesOf(pasted).length < 2) return
            event.preventDefault()
            if (readTable(pasted).type === 'table') onTable(pasted)
            else void add(linesOf(pasted))
          }}
        />
        <button class="icb" type="submit" aria-label={say('add')} aria-disabled={isBusy.value}>
          <Icon name="plus" />
        </button>
      </div>
    </form>
  )
}
