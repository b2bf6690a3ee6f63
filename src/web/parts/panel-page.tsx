import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { roomLink } from '../invite/link.js'
import { Tools } from '../parts/bar.js'
import type { Table } from '../table/table.js'
import { countOf, phaseOf } from '../table/view.js'
import { numeral, say } from '../words/say.js'
import { Bar } from './bar.js'
import { Icon } from './icon.js'

interface PanelPageProps {
  readonly table: Table
  readonly title: string
  /** The class of its layout. */
  readonly layout: string
  readonly children: ComponentChildren
}

/** A panel that temporarily replaces the table, with the way back and what is happening there. */
export function PanelPage({ table, title, layout, children }: PanelPageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <div class="page">
      <a class="skip" href="#content">
        {say('toTheContent')}
      </a>
      <Bar table={table.session.value?.name ?? ''} link={roomLink(table.session.value?.room ?? null)}>
        <Tools />
      </Bar>
      <main class={layout} id="content" tabIndex={-1}>
        <header class="pageh">
          <h1 tabIndex={-1} ref={heading}>
            {title}
          </h1>
          <p class="two">
            <span class="note">{meanwhile(table)}</span>
            <a class="txt" href={location.pathname}>
              <Icon name="close" />
              {say('backToTable')}
            </a>
          </p>
        </header>
        {children}
      </main>
    </div>
  )
}

/** What the user would not want to miss at the table. */
function meanwhile(table: Table): string {
  const session = table.session.value
  if (session === null) return ''
  if (phaseOf(session) !== 'voting') return ''
  const { voted, of } = countOf(session)
  return say('meanwhileVoted', { count: voted, voted: numeral(voted), of: numeral(of) })
}
