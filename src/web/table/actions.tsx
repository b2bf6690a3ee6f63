import type { SessionView } from '../../client/client.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import type { WordKey } from '../words/catalogue.js'
import { numeral, Say, say } from '../words/say.js'
import type { LeadCommand, Table } from './table.js'
import { countOf, isInterrupted, personOf, phaseOf } from './view.js'

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

interface ActionsProps {
  readonly table: Table
  /** For somebody who only watches: the way to a seat. */
  readonly onSit: () => void
}

/** What whoever leads can do now; for the others, who does it. */
export function Actions({ table, onSit }: ActionsProps) {
  const session = table.session.value
  if (session === null) return <div class="actions" />
  return (
    <div class="actions" id="act">
      {table.isLeader.value ? <Lead table={table} session={session} /> : <Led session={session} />}
      {table.seat === null && (
        <button class="txt" type="button" onClick={onSit}>
          <Icon name="door" />
          {say('takeASeat')}
        </button>
      )}
    </div>
  )
}

const LED = { waiting: 'leaderStarts', voting: 'leaderReveals', results: 'leaderGoesOn' } as const

function Led({ session }: { readonly session: SessionView }) {
  const leader = personOf(session, session.scrum_master_id)
  return (
    <p class="noact">
      {leader !== null && <Say text={LED[phaseOf(session)]} name={<Name text={leader.name} />} />}
    </p>
  )
}

interface LeadProps {
  readonly table: Table
  readonly session: SessionView
}

function Lead({ table, session }: LeadProps) {
  const { command, name, beside } = nextMove(table, session)
  const isPaused = session.status === 'paused'
  const isBlocked = table.cutAt.value !== null || table.isSettling.value
  const isOff = isBlocked || (!isPaused && isInterrupted(session)) || !hasCards(session, command)
  const isPauseOff = isBlocked || isInterrupted(session)
  return (
    <>
      <MainAction name={say(name)} beside={beside} isOff={isOff} onPress={() => table.lead(command)} />
      {!isPaused && (
        <button
          class="txt"
          type="button"
          aria-disabled={isPauseOff}
          onClick={() => isPauseOff || table.lead('pause')}
        >
          <Icon name="pause" />
          {say('pause')}
        </button>
      )}
    </>
  )
}

interface Move {
  readonly command: LeadCommand
  readonly name: WordKey
  readonly beside: string | null
}

/** What the main action does in this status. */
function nextMove(table: Table, session: SessionView): Move {
  if (session.status === 'paused') return { command: 'resume', name: 'resume', beside: null }
  switch (phaseOf(session)) {
    case 'waiting':
      return { command: 'start', name: 'startRound', beside: null }
    case 'voting':
      return { command: 'reveal', name: 'reveal', beside: besideReveal(table, session) }
    case 'results':
      return { command: 'start', name: 'voteAgain', beside: null }
  }
}

function besideReveal(table: Table, session: SessionView): string {
  if (table.cutAt.value !== null) return say('noLine')
  const { voted, of } = countOf(session)
  return say('countOf', { voted: numeral(voted), of: numeral(of) })
}

/** Where no card lies there is nothing to reveal. */
function hasCards(session: SessionView, command: LeadCommand): boolean {
  return command !== 'reveal' || countOf(session).voted > 0
}
