import { useMemo, useRef } from 'preact/hooks'
import type { StoryView } from '../../client/client.js'
import { announce } from '../live/announcer.js'
import { Icon } from '../parts/icon.js'
import type { Table } from '../table/table.js'
import { splitTitle } from '../table/view.js'
import { numeral, say } from '../words/say.js'
import { StoryOrder } from './story-order.js'

/** The stories in order; the leader moves them by dragging or with keys, and chooses the next. */
export function StoryList({ table }: { readonly table: Table }) {
  const list = useRef<HTMLOListElement>(null)
  const order = useMemo(() => new StoryOrder(table), [table])
  const current = table.session.value?.current_round?.story?.id ?? null
  const next = table.backlog.next(current)?.id ?? null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to scroll.
    <ol class="stories" ref={list} tabIndex={0} aria-labelledby="stories-title">
      {order.stories.value.map((story) => (
        <Story
          key={story.id}
          table={table}
          story={story}
          standing={story.id === current ? 'now' : story.id === next ? 'next' : null}
          order={order}
          list={list}
        />
      ))}
    </ol>
  )
}

interface StoryProps {
  readonly table: Table
  readonly story: StoryView
  readonly standing: 'now' | 'next' | null
  readonly order: StoryOrder
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
function Grip({ table, story, order, list }: StoryProps) {
  const step = (by: -1 | 1) => {
    const to = order.stories.peek().findIndex(({ id }) => id === story.id) + by
    if (!order.move(story.id, to)) return
    void order.save()
    const of = table.backlog.stories.peek().length
    announce('order', say('movedTo', { title: story.title, place: numeral(to + 1), of: numeral(of) }))
  }
  return (
    <button
      class="icb grip"
      type="button"
      aria-label={say('moveStory', { title: story.title })}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
        event.preventDefault()
        step(event.key === 'ArrowUp' ? -1 : 1)
      }}
      onPointerDown={(event) => {
        if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          order.move(story.id, placeAt(list.current, event.clientY))
      }}
      onPointerUp={() => void order.save()}
      onPointerCancel={() => order.reset()}
    >
      <Icon name="grip" />
    </button>
  )
}

/** The row at a height in the window; above all rows the first, below them the last. */
function placeAt(list: HTMLOListElement | null, y: number): number {
  const rows = [...(list?.children ?? [])]
  const index = rows.findIndex((row) => y < row.getBoundingClientRect().bottom)
  return index < 0 ? Math.max(0, rows.length - 1) : index
}
