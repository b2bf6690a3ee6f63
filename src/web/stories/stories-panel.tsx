import { useSignal } from '@preact/signals'
import { Icon } from '../parts/icon.js'
import { worthOf } from '../parts/ruler.js'
import type { Table } from '../table/table.js'
import { numeral, say } from '../words/say.js'
import { AddStories } from './add-stories.js'
import { ExportLinks } from './export-links.js'
import { type Import, ImportPreview } from './import-preview.js'
import { PaceLine } from './pace-line.js'
import { StoryList } from './story-list.js'

/** The table's stories and their estimates, beside the stage. */
export function Stories({ table }: { readonly table: Table }) {
  const offered = useSignal<Import | null>(null)
  const mayWrite = table.isLeader.value
  const offer = (text: string) => {
    offered.value = { text, rows: [] }
  }
  return (
    <section
      class="panel"
      aria-labelledby="stories-title"
      onDragOver={(event) => mayWrite && event.preventDefault()}
      onDrop={(event) => {
        const file = event.dataTransfer?.files[0]
        if (!mayWrite || file === undefined) return
        event.preventDefault()
        void file.text().then(offer)
      }}
    >
      <header class="panel-h">
        <h2 id="stories-title">{say('stories')}</h2>
        <p class="cap">
          <span>{summaryOf(table)}</span>
          <PaceLine table={table} />
        </p>
        <a class="icb" href={location.pathname} aria-label={say('closeStories')}>
          <Icon name="close" />
        </a>
      </header>
      <StoryList table={table} />
      {offered.value === null ? (
        <div class="add">
          {mayWrite && <AddStories table={table} onTable={offer} />}
          <ExportLinks sessionId={table.client.sessionId} onFile={mayWrite ? offer : null} />
        </div>
      ) : (
        <ImportPreview table={table} offered={offered} />
      )}
    </section>
  )
}

/** "3 of 9 estimated, 16 points" */
function summaryOf(table: Table): string {
  const stories = table.backlog.stories.value
  if (stories.length === 0) return say('noStories')
  const estimated = table.backlog.estimated.value
  const points = estimated.reduce((sum, { estimate }) => sum + (worthOf(estimate ?? '') ?? 0), 0)
  const count = say('estimatedOf', {
    count: stories.length,
    done: numeral(estimated.length),
    of: numeral(stories.length),
  })
  return points === 0 ? count : `${count}, ${say('points', { count: points })}`
}
