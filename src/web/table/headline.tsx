import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { SessionView, StoryView } from '../../client/client.js'
import { Icon } from '../parts/icon.js'
import { numeral, say } from '../words/say.js'
import type { Table } from './table.js'
import { phaseOf, splitTitle } from './view.js'

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
  const isEditing = useSignal(false)
  const opener = useRef<HTMLButtonElement>(null)
  const isReturning = useRef(false)
  // Before the paint: by then, the focus would be elsewhere.
  useLayoutEffect(() => {
    if (isReturning.current) opener.current?.focus()
    isReturning.current = false
  }, [isEditing.value])
  const mayWrite = table.isLeader.value && table.line.cutAt.value === null
  if (
    session !== null &&
    mayWrite &&
    (isEditing.value || (subject === null && phaseOf(session) === 'waiting'))
  ) {
    return (
      <Writing
        table={table}
        subject={subject}
        onDone={(isHere) => {
          isReturning.current = isHere
          isEditing.value = false
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
        {mayWrite && subject !== null && subject.id !== null && (
          <button
            class="edit"
            type="button"
            ref={opener}
            onClick={() => {
              isEditing.value = true
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
  readonly subject: Subject | null
  /** @param isHere - the focus is still in the form, and goes back to where editing began */
  readonly onDone: (isHere: boolean) => void
}

const TITLE_LENGTH_MAX = 400

/** The headline as a text field: a story's title, or the subject of the first round. */
function Writing({ table, subject, onDone }: WritingProps) {
  const isNew = subject === null
  const text = useSignal(subject?.title ?? '')
  const input = useRef<HTMLInputElement>(null)
  /** A form that goes away loses the focus, which must not save again. */
  const isOver = useRef(false)
  useLayoutEffect(() => {
    if (!isNew) input.current?.focus()
  }, [isNew])
  const close = (isHere: boolean) => {
    isOver.current = true
    onDone(isHere)
  }
  const save = async (isHere: boolean) => {
    if (isOver.current || subject === null) return
    close(isHere)
    const { id } = subject
    const title = text.value.trim()
    if (title === '' || title === subject.title || id === null) return
    await table.moves.ask(() => table.client.commands.stories.change(id, { title }))
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (!isNew) void save(true)
    else if (table.draft.value.trim() !== '') void table.start()
  }
  return (
    <form
      class="story story--writing"
      onSubmit={submit}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) return
        // Once the focus is where it goes: closing the form on the way would take it along.
        setTimeout(() => save(false))
      }}
    >
      <h1 class="vh" dir="auto">
        {subject?.title ?? table.session.value?.name}
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
          value={isNew ? table.draft.value : text.value}
          onInput={({ currentTarget: { value } }) => {
            if (isNew) table.draft.value = value
            else text.value = value
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.preventDefault()
            close(true)
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
