import { signal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { SessionView, StoryView } from '../../client/client.js'
import { Icon } from '../parts/icon.js'
import { numeral, say } from '../words/say.js'
import type { Table, TitleEdit } from './table.js'
import { phaseOf, splitTitle, TITLE_LENGTH_MAX } from './view.js'

/** What is estimated now or next. */
interface Subject {
  /** The id in the list; `null`: a deleted story, or none. */
  readonly id: string | null
  readonly title: string
  readonly link: string | null
}

/** The story as a headline, which the leader can edit. */
export function Headline({ table }: { readonly table: Table }) {
  const session = table.session.value
  const subject = session === null ? null : subjectOf(table, session)
  const edit = table.edit.value
  const leads = table.isLeader.value
  const isEditing =
    leads &&
    edit !== null &&
    (edit.id === subject?.id || table.backlog.stories.value.some(({ id }) => id === edit.id))
  const opener = useRef<HTMLButtonElement>(null)
  const isReturning = useRef(false)
  // Before the paint: by then, the focus would be elsewhere.
  useLayoutEffect(() => {
    if (!isEditing) table.edit.value = null
    if (isReturning.current) opener.current?.focus()
    isReturning.current = false
  }, [table, edit, isEditing])
  // Whatever else changes at the table, whoever is writing goes on writing.
  if (isEditing || (leads && session !== null && subject === null && phaseOf(session) === 'waiting')) {
    return (
      <Writing
        key={isEditing ? edit.id : ''}
        table={table}
        edit={isEditing ? edit : null}
        onDone={(isHere) => {
          isReturning.current = isHere
          table.edit.value = null
        }}
      />
    )
  }
  const { key, title } = splitTitle(subject?.title ?? '')
  return (
    <header class="story">
      <p class="cap">
        {key !== '' && <Key text={key} link={subject?.link ?? null} />}
        {key === '' && subject !== null && subject.link !== null && (
          <Key text={new URL(subject.link).hostname} link={subject.link} />
        )}
        <Place table={table} subject={subject} />
        {leads && table.line.cutAt.value === null && subject !== null && subject.id !== null && (
          <button
            class="edit"
            type="button"
            ref={opener}
            onClick={() => {
              const { id, title: before } = subject
              if (id !== null) table.edit.value = { id, before, text: signal(before) }
            }}
          >
            {say('editTitle')}
          </button>
        )}
      </p>
      <h1 dir="auto">{title || session?.name || table.seat?.name}</h1>
    </header>
  )
}

function subjectOf(table: Table, session: SessionView): Subject | null {
  const round = session.current_round
  const story = round === null ? table.backlog.next(null) : round.story
  if (story === null) return null
  // The list has the latest title.
  const known = table.backlog.stories.value.find(({ id }) => id === story.id)
  return { id: story.id, title: known?.title ?? story.title, link: known?.link ?? story.link }
}

/** A tracker's key as a link. It opens only on a press, and reveals nothing about the table. */
function Key({ text, link }: { readonly text: string; readonly link: string | null }) {
  if (link === null) return <span>{text}</span>
  return (
    <a class="key" href={link} target="_blank" rel="noopener noreferrer">
      {text}
    </a>
  )
}

/** "Story 4 of 12", "Attempt 2". */
function Place({ table, subject }: { readonly table: Table; readonly subject: Subject | null }) {
  const round = table.session.value?.current_round ?? null
  const stories: readonly StoryView[] = table.backlog.stories.value
  const index = stories.findIndex(({ id }) => id === subject?.id)
  return (
    <>
      {index >= 0 && (
        <span>{say('storyOf', { place: numeral(index + 1), of: numeral(stories.length) })}</span>
      )}
      {round !== null && subject !== null && <span>{say('attemptNumber', { number: round.attempt })}</span>}
      {round?.anonymous === true && <span>{say('withoutNames')}</span>}
    </>
  )
}

interface WritingProps {
  readonly table: Table
  /** `null`: the subject of the first round is written. */
  readonly edit: TitleEdit | null
  /** @param isHere - the focus is still in the form, and goes back to where editing began */
  readonly onDone: (isHere: boolean) => void
}

/** The headline as a text field: a story's title, or the subject of the first round. */
function Writing({ table, edit, onDone }: WritingProps) {
  const isNew = edit === null
  const text = edit?.text ?? table.draft
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    const field = input.current
    // When it opens again, its writer may be elsewhere, and stays there.
    const isElsewhere = field?.ownerDocument.activeElement?.matches('a, button, input, select, textarea')
    if (!isNew && isElsewhere === false) field?.focus()
  }, [isNew])
  const save = async (isHere: boolean) => {
    if (edit === null || table.edit.peek() !== edit) return
    onDone(isHere)
    const title = text.value.trim()
    if (title === '' || title === edit.before) return
    const isSaved = await table.moves.ask(() => table.client.commands.stories.change(edit.id, { title }))
    if (!isSaved) table.edit.value ??= edit
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (!isNew) void save(true)
    else if (text.value.trim() !== '' && table.line.cutAt.value === null) void table.start()
  }
  return (
    <form
      class="story story--writing"
      onSubmit={submit}
      onFocusOut={({ currentTarget: form }) => {
        // Once the focus is where it goes. Nobody has left a form that was removed, or one in another window.
        setTimeout(() => {
          if (form.isConnected && !form.contains(form.ownerDocument.activeElement)) void save(false)
        })
      }}
    >
      <h1 class="vh" dir="auto">
        {edit?.before ?? table.session.value?.name}
      </h1>
      <label class="cap" for="story-title">
        {say(isNew ? 'whatIsEstimated' : 'titleOfStory')}
      </label>
      <div class="two two--line">
        <input
          id="story-title"
          ref={input}
          class="h1"
          type="text"
          dir="auto"
          autocomplete="off"
          maxLength={TITLE_LENGTH_MAX}
          placeholder={isNew ? say('titleOptional') : undefined}
          value={text.value}
          onInput={({ currentTarget: { value } }) => {
            text.value = value
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault()
            onDone(true)
          }}
        />
        {!isNew && (
          <button class="icb" type="submit" aria-label={say('save')}>
            <Icon name="check" />
          </button>
        )}
      </div>
    </form>
  )
}
