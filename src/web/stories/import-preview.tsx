import { type Signal, useSignal } from '@preact/signals'
import type { MagnaPPError } from '../../client/client.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { readTable } from './read-table.js'

/** A file to import, and the faults that the server found in it. */
export interface Import {
  readonly text: string
  readonly rows: readonly FaultyRow[]
}

interface FaultyRow {
  readonly line: number
  readonly message: string
}

/** How many titles are shown. */
const SHOWN_MAX = 6

interface PreviewProps {
  readonly table: Table
  readonly offered: Signal<Import | null>
}

/** Previews an import: which column is the title, and which rows are faulty. */
export function ImportPreview({ table, offered }: PreviewProps) {
  const isBusy = useSignal(false)
  const current = offered.value
  if (current === null) return null
  const { text, rows } = current
  const reading = readTable(text)
  const { titles } = reading
  const rest = titles.length - SHOWN_MAX
  const { stories } = table.client.commands
  const add = async () => {
    if (titles.length === 0 || isBusy.value) return
    isBusy.value = true
    const isDone = await table.moves.ask(() =>
      reading.type === 'table'
        ? stories.import(text, 'cut')
        : stories.add(...titles.map((title) => ({ title }))),
    )
    isBusy.value = false
    // Another file may have been dropped there meanwhile.
    if (offered.peek() !== current) return
    offered.value = isDone ? null : { text, rows: faultyRows(table.moves.refusal.peek()) }
  }
  return (
    <section class="add preview" aria-label={say('importFile')}>
      <p class="note">
        {reading.type === 'table'
          ? say('titlesFrom', { count: titles.length, column: reading.column })
          : say('titlesByLine', { count: titles.length })}
      </p>
      <ol class="titles">
        {titles.slice(0, SHOWN_MAX).map((title, index) => (
          <li key={index}>
            <bdi dir="auto">{title}</bdi>
          </li>
        ))}
        {rest > 0 && <li class="note">{say('andMore', { count: rest })}</li>}
      </ol>
      {rows.length > 0 && (
        <ul class="faulty" lang="en">
          {rows.slice(0, SHOWN_MAX).map(({ line, message }) => (
            <li key={line}>{say('lineIs', { line, message })}</li>
          ))}
        </ul>
      )}
      <div class="two">
        <button class="main" type="button" aria-disabled={titles.length === 0 || isBusy.value} onClick={add}>
          <span>{say('addStories', { count: titles.length })}</span>
        </button>
        <button
          class="txt"
          type="button"
          aria-disabled={isBusy.value}
          onClick={() => {
            if (!isBusy.value) offered.value = null
          }}
        >
          {say('cancel')}
        </button>
      </div>
    </section>
  )
}

function faultyRows(refusal: MagnaPPError | null): FaultyRow[] {
  const rows = refusal?.problem?.context['rows']
  return Array.isArray(rows) ? rows.filter(isFaultyRow) : []
}

function isFaultyRow(value: unknown): value is FaultyRow {
  return typeof value === 'object' && value !== null && 'line' in value && 'message' in value
}
