import type { ComponentChildren } from 'preact'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { numeral, Say, say } from '../words/say.js'
import type { Table } from './table.js'
import { type Count, countOf, isInterrupted, personOf, phaseOf } from './view.js'

interface MainProps {
  readonly name: string
  /** What stands beside the name: a count, or why it cannot be pressed. */
  readonly beside?: string | null
  readonly isOff?: boolean
  readonly onPress: () => void
}

/**
 * The one main action: the same button in every status, at the same place. Where it cannot be pressed
 * it keeps its focus, hence no `disabled`.
 */
export function MainAction({ name, beside = null, isOff = false, onPress }: MainProps) {
  return (
    <button
      class="main"
      type="button"
      data-successor
      aria-disabled={isOff}
      onClick={() => isOff || onPress()}
    >
      <span>{name}</span>
      {beside !== null && <span class="mainn">{beside}</span>}
    </button>
  )
}

/** What whoever leads can do now; for the others, who does it. */
export function Actions({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  return (
    <div class="actions" id="act">
      {table.isLeader.value ? <Lead table={table} /> : <Led table={table} />}
    </div>
  )
}

function Led({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  const leader = personOf(session, session.scrum_master_id)
  const phase = phaseOf(session)
  const text = phase === 'waiting' ? 'leaderStarts' : phase === 'voting' ? 'leaderReveals' : 'leaderGoesOn'
  return <p class="noact">{leader !== null && <Say text={text} name={<Name text={leader.name} />} />}</p>
}

function Lead({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  const hasNoLine = table.cutAt.value !== null
  const isInert = table.isSettling.value
  if (session.status === 'paused') {
    return (
      <MainAction name={say('resume')} isOff={hasNoLine || isInert} onPress={() => table.lead('resume')} />
    )
  }
  const phase = phaseOf(session)
  const isOff = hasNoLine || isInert || isInterrupted(session)
  return (
    <>
      {phase === 'waiting' && (
        <MainAction name={say('startRound')} isOff={isOff} onPress={() => table.lead('start')} />
      )}
      {phase === 'voting' && (
        <Reveal table={table} count={countOf(session)} isOff={isOff} hasNoLine={hasNoLine} />
      )}
      {phase === 'results' && (
        <MainAction name={say('voteAgain')} isOff={isOff} onPress={() => table.lead('start')} />
      )}
      <Side isOff={isOff}>
        <button class="txt" type="button" aria-disabled={isOff} onClick={() => isOff || table.lead('pause')}>
          <Icon name="pause" />
          {say('pause')}
        </button>
      </Side>
    </>
  )
}

interface RevealProps {
  readonly table: Table
  readonly count: Count
  readonly isOff: boolean
  readonly hasNoLine: boolean
}

function Reveal({ table, count, isOff, hasNoLine }: RevealProps) {
  const beside = hasNoLine
    ? say('noLine')
    : say('countOf', { voted: numeral(count.voted), of: numeral(count.of) })
  return (
    <MainAction
      name={say('reveal')}
      beside={beside}
      isOff={isOff || count.voted === 0}
      onPress={() => table.lead('reveal')}
    />
  )
}

function Side({ children }: { readonly isOff: boolean; readonly children: ComponentChildren }) {
  return <>{children}</>
}
