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

/** How many titles are shown. */
const SHOWN_MAX = 3

/** A field for new stories, free for the next one at once; pasted lines become one story each. */
export function AddStories({ table, onTable }: AddProps) {
  const { written, unsent } = table.backlog
  const add = useAdding(table)
  const send = async (titles: readonly string[]) => {
    if (await add(titles)) return
    // What was refused comes back to be corrected, unless the next one is being written there.
    if (titles.length === 1 && written.value === '') written.value = titles.join()
    else unsent.value = [...unsent.value, titles]
  }
  return (
    <>
      {unsent.value.length > 0 && (
        <Unsent
          titles={unsent.value.flat()}
          onAgain={() => {
            const again = unsent.value
            unsent.value = []
            for (const titles of again) void send(titles)
          }}
          onCancel={() => {
            unsent.value = []
          }}
        />
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const titles = linesOf(written.value)
          written.value = ''
          void send(titles)
        }}
      >
        <label for="add-story">{say('addStory')}</label>
        <div class="field">
          <input
            id="add-story"
            type="text"
            dir="auto"
            autocomplete="off"
            value={written.value}
            onInput={({ currentTarget }) => {
              written.value = currentTarget.value
            }}
            onPaste={(event) => {
              const pasted = event.clipboardData?.getData('text/plain') ?? ''
              if (linesOf(pasted).length < 2) return
              event.preventDefault()
              if (readTable(pasted).type === 'table') onTable(pasted)
              else void send(linesOf(pasted))
            }}
          />
          <button class="icb" type="submit" aria-label={say('add')}>
            <Icon name="plus" />
          </button>
        </div>
      </form>
    </>
  )
}

interface UnsentProps {
  readonly titles: readonly string[]
  readonly onAgain: () => void
  readonly onCancel: () => void
}

/** What could not be added, to be added again. */
function Unsent({ titles, onAgain, onCancel }: UnsentProps) {
  const rest = titles.length - SHOWN_MAX
  return (
    <>
      <ul class="titles">
        {titles.slice(0, SHOWN_MAX).map((title, index) => (
          <li key={index}>
            <bdi dir="auto">{title}</bdi>
          </li>
        ))}
        {rest > 0 && <li class="note">{say('andMore', { count: rest })}</li>}
      </ul>
      <div class="two">
        <button class="txt" type="button" onClick={onAgain}>
          {say('addStories', { count: titles.length })}
        </button>
        <button class="txt" type="button" onClick={onCancel}>
          {say('cancel')}
        </button>
      </div>
    </>
  )
}

/** Adds stories in the order in which they were written, one request after the other. */
function useAdding({ moves, client }: Table) {
  const last = useRef<Promise<unknown>>(Promise.resolve())
  return (titles: readonly string[]): Promise<boolean> => {
    if (titles.length === 0) return Promise.resolve(true)
    const stories = titles.map((title) => ({ title }))
    const before = last.current
    const added = moves.ask(() => before.then(() => client.commands.stories.add(...stories)), 'add')
    last.current = added
    return added
  }
}
