import { Icon } from '../parts/icon.js'
import { say } from '../words/say.js'

const FORMATS = [
  ['csv', 'CSV'],
  ['md', 'Markdown'],
  ['json', 'JSON'],
] as const

interface ExportProps {
  readonly sessionId: string
  /** Called with the text of a chosen file; `null`: this person may not import. */
  readonly onFile: ((text: string) => void) | null
}

/** Imports stories from a file, and exports them in a chosen format. */
export function ExportLinks({ sessionId, onFile }: ExportProps) {
  return (
    <p class="addrow">
      {onFile !== null && (
        <label class="txt">
          <Icon name="drop" />
          {say('importFile')}
          <input
            class="vh"
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0]
              currentTarget.value = ''
              void file?.text().then(onFile)
            }}
          />
        </label>
      )}
      <span class="exports">
        <Icon name="share" />
        <span id="export-as">{say('exportAs')}</span>
        {FORMATS.map(([format, name]) => (
          <a
            key={format}
            class="txt"
            href={`/api/sessions/${sessionId}/export?format=${format}`}
            download
            aria-label={say('exportTo', { format: name })}
          >
            {name}
          </a>
        ))}
      </span>
    </p>
  )
}
