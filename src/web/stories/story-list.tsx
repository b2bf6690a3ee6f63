import { type Signal, useSignal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { StoryView } from '../../client/client.js'
import { announce } from '../live/announcer.js'
import { Icon } from '../parts/icon.js'
import type { Table } from '../table/table.js'
import { splitTitle } from '../table/view.js'
import { numeral, say } from '../words/say.js'

/** The stories in order; the leader moves them by dragging or with keys, and chooses the next. */
export function StoryList({ table }: { readonly table: Table }) {
  const list = useRef<HTMLOListElement>(null)
  /** The order while a story is being dragged; `null`: none is. */
  const dragged = useSignal<readonly StoryView[] | null>(null)
  const stories = dragged.value ?? table.backlog.stories.value
  const current = table.session.value?.current_round?.story?.id ?? null
  const next = table.backlog.next(current)?.id ?? null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to scroll.
    <ol class="stories" ref={list} tabIndex={0} aria-labelledby="stories-title">
      {stories.map((story, index) => (
        <Story
          key={story.id}
          table={table}
          story={story}
          index={index}
          standing={story.id === current ? 'now' : story.id === next ? 'next' : null}
          dragged={dragged}
          list={list}
        />
      ))}
    </ol>
  )
}

interface StoryProps {
  readonly table: Table
  readonly story: StoryView
  readonly index: number
  readonly standing: 'now' | 'next' | null
  readonly dragged: Signal<readonly StoryView[] | null>
  readonly list: { readonly current: HTMLOListElement | null }
}

function Story(props: StoryProps) {
  const { table, story, standing } = props
  const { key, title } = splitTitle(story.title)
  const mayWrite = table.isLeader.value
  const word =
    standing === 'now' ? say('beingEstimated') : standing === 'next' && mayWrite ? say('isNext') : ''
  const small = [key, word].filter((text) => text !== '').join(', ')
  const text = (
    <>
      {small !== '' && <small>{small}</small>}
      <bdi dir="auto">{title}</bdi>
    </>
  )
  return (
    <li
      class={standing === 'now' ? 'is-now' : undefined}
      aria-current={standing === 'now' ? 'true' : undefined}
    >
      {mayWrite ? <Grip {...props} /> : <span />}
      {mayWrite && standing === null && story.estimate === null ? (
        <button
          class="stt"
          type="button"
          title={say('makeNext')}
          onClick={() => {
            table.backlog.chosen.value = story.id
          }}
        >
          {text}
        </button>
      ) : (
        <span class="stt">{text}</span>
      )}
      <span class="est">
        {story.estimate === null ? (
          <span class="vh">{say('noEstimate')}</span>
        ) : (
          <>
            <span class="vh">{say('estimate')} </span>
            {story.estimate}
          </>
        )}
      </span>
      {mayWrite && standing !== 'now' && (
        <button
          class="icb drop"
          type="button"
          aria-label={say('deleteStory', { title: story.title })}
          onClick={() => table.moves.undo.begin({ type: 'delete', id: story.id, name: story.title })}
        >
          <Icon name="close" />
        </button>
      )}
    </li>
  )
}

/** The handle for moving a story, with a pointer or the arrow keys. */
function Grip({ table, story, index, dragged, list }: StoryProps) {
  const move = async (to: number) => {
    const stories = table.backlog.stories.value
    if (to < 0 || to >= stories.length || to === index) return
    dragged.value = moved(stories, index, to)
    await save(table, dragged)
    announce(
      'order',
      say('movedTo', { title: story.title, place: numeral(to + 1), of: numeral(stories.length) }),
    )
  }
  return (
    <button
      class="icb grip"
      type="button"
      aria-label={say('moveStory', { title: story.title })}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
        event.preventDefault()
        void move(index + (event.key === 'ArrowUp' ? -1 : 1))
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        event.currentTarget.setPointerCapture(event.pointerId)
        dragged.value = table.backlog.stories.value
      }}
      onPointerMove={(event) => {
        const order = dragged.peek()
        if (order === null || !event.currentTarget.hasPointerCapture(event.pointerId)) return
        const from = order.findIndex(({ id }) => id === story.id)
        const to = placeAt(list.current, event.clientY)
        if (to !== from) dragged.value = moved(order, from, to)
      }}
      onPointerUp={() => void save(table, dragged)}
      onPointerCancel={() => {
        dragged.value = null
      }}
    >
      <Icon name="grip" />
    </button>
  )
}

async function save(table: Table, dragged: StoryProps['dragged']): Promise<void> {
  const order = dragged.peek()
  const ids = order?.map(({ id }) => id) ?? []
  const isMoved =
    ids.join() !==
    table.backlog.stories
      .peek()
      .map(({ id }) => id)
      .join()
  if (order !== null && isMoved) await table.moves.ask(() => table.client.commands.stories.order(ids))
  dragged.value = null
}

function moved(stories: readonly StoryView[], from: number, to: number): readonly StoryView[] {
  const rest = stories.filter((_, index) => index !== from)
  const story = stories[from]
  return story === undefined ? stories : [...rest.slice(0, to), story, ...rest.slice(to)]
}

/** The row at a height in the window; above all rows the first, below them the last. */
function placeAt(list: HTMLOListElement | null, y: number): number {
  const rows = [...(list?.children ?? [])]
  const index = rows.findIndex((row) => y < row.getBoundingClientRect().bottom)
  return index < 0 ? Math.max(0, rows.length - 1) : index
}
