import { Icon } from '../parts/icon.js'
import { say } from '../words/say.js'

const FORMATS = [
  ['csv', 'CSV'],
  ['md', 'Markdown'],
  ['json', 'JSON'],
] as const

interface ExportProps {
  readonly sessionId: string
  /** Takes the text of a file that was chosen; `null`: it is not for this person to import one. */
  readonly onFile: ((text: string) => void) | null
}

/** Stories in, by a file; and out, in the format that is wanted. */
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
