import type { SessionView } from '../../client/client.js'
import type { WordKey } from '../words/catalogue.js'
import { numeral, say } from '../words/say.js'
import type { Table } from './table.js'
import { countOf, isInterrupted, phaseOf } from './view.js'

/** The main action: its name, the text next to it, and its effect. */
export interface Move {
  readonly name: WordKey
  readonly beside: string | null
  /** It cannot be pressed just now. */
  readonly isOff: boolean
  readonly press: () => Promise<unknown>
}

/** The next action of a person at the table; `null`: it is up to others. */
export function nextMove(table: Table, session: SessionView): Move | null {
  const { moves, line, isLeader } = table
  const isBlocked = line.cutAt.value !== null || moves.isSettling.value
  if (!isLeader.value) {
    const mayReveal = session.settings.who_may_reveal === 'everyone' && table.me.value !== null
    return mayReveal && session.status === 'voting' ? revealing(table, session, isBlocked) : null
  }
  if (session.status === 'paused')
    return { name: 'resume', beside: null, isOff: isBlocked, press: moves.resume }
  const isOff = isBlocked || isInterrupted(session)
  switch (phaseOf(session)) {
    case 'waiting':
      return { name: 'startRound', beside: null, isOff, press: () => table.start() }
    case 'voting':
      return revealing(table, session, isOff)
    case 'results':
      return afterReveal(table, session, isOff)
  }
}

function revealing(table: Table, session: SessionView, isBlocked: boolean): Move {
  const { voted, of } = countOf(session)
  const hasNoLine = table.line.cutAt.value !== null
  return {
    name: 'reveal',
    beside: hasNoLine ? say('noLine') : say('countOf', { voted: numeral(voted), of: numeral(of) }),
    // Without a card there is nothing to reveal.
    isOff: isBlocked || voted === 0,
    press: table.moves.reveal,
  }
}

/** First accept, then go on; if nothing can be accepted, vote again. */
function afterReveal(table: Table, session: SessionView, isBlocked: boolean): Move {
  const isOff = isBlocked || session.status !== 'results'
  const estimate = table.estimate.value
  if (estimate === null) return { name: 'voteAgain', beside: null, isOff, press: () => table.again() }
  if (session.current_round?.accepted_estimate === estimate)
    return { name: 'nextStory', beside: null, isOff, press: () => table.start() }
  return { name: 'accept', beside: estimate, isOff, press: () => table.moves.accept(estimate) }
}
