import { useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { Icon } from '../parts/icon.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { linesOf, readTable } from './read-table.js'

interface AddProps {
  readonly table: Table
  /** Called when the pasted text looks like a tracker's table. */
  readonly onTable: (text: string) => void
}

/** A field for new stories, free for the next one at once; pasted lines become one story each. */
export function AddStories({ table, onTable }: AddProps) {
  const text = useSignal('')
  const add = useAdding(table)
  const submit = async () => {
    const written = text.value
    text.value = ''
    // What was refused comes back to be corrected, unless the next one is being written there.
    if (!(await add(linesOf(written))) && text.value === '') text.value = written
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
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
        <button class="icb" type="submit" aria-label={say('add')}>
          <Icon name="plus" />
        </button>
      </div>
    </form>
  )
}

/** Adds stories in the order in which they were written, one request after the other. */
function useAdding({ moves, client }: Table) {
  const last = useRef<Promise<unknown>>(Promise.resolve())
  return (titles: readonly string[]): Promise<boolean> => {
    if (titles.length === 0) return Promise.resolve(true)
    const stories = titles.map((title) => ({ title }))
    const added = last.current.then(() => moves.ask(() => client.commands.stories.add(...stories)))
    last.current = added
    return added
  }
}
