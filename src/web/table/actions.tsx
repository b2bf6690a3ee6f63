import type { ComponentChildren } from 'preact'
import type { SessionView } from '../../client/client.js'
import { openPanel } from '../address.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { Say, say } from '../words/say.js'
import { type Move, nextMove } from './next-move.js'
import type { Table } from './table.js'
import { isInterrupted, personOf, phaseOf, TITLE_LENGTH_MAX } from './view.js'

interface ActionsProps {
  readonly table: Table
  /** For observers without a seat: the way to one. */
  readonly onSit: () => void
}

/** What the leader can do now; for the others, who does it, and what they can do. */
export function Actions({ table, onSit }: ActionsProps) {
  const session = table.session.value
  if (session === null) return <div class="actions" />
  const move = nextMove(table, session)
  return (
    <div class="actions" id="act">
      {move === null ? <Led session={session} /> : <MainAction move={move} />}
      {table.isLeader.value && <LeadersSide table={table} session={session} />}
      {table.isVoter.value && <VotersSide table={table} session={session} />}
      {table.seat === null && (
        <Side icon="door" onPress={onSit}>
          {say('takeASeat')}
        </Side>
      )}
    </div>
  )
}

/**
 * The one main action: the same button in every status, in the same place. When it cannot be pressed it must
 * keep its focus, so it is not `disabled`.
 */
function MainAction({ move: { name, beside, isOff, press } }: { readonly move: Move }) {
  return (
    <button
      class="main"
      type="button"
      data-successor
      aria-disabled={isOff}
      aria-describedby={name === 'accept' ? 'beside' : undefined}
      onClick={() => {
        if (!isOff) void press()
      }}
    >
      <span>{say(name)}</span>
      {beside !== null && (
        <span class="mainn" id="beside" aria-hidden={name === 'accept'}>
          {beside}
        </span>
      )}
    </button>
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

interface SideProps {
  readonly icon?: 'pause' | 'right' | 'list' | 'plus' | 'door' | 'slot'
  readonly isOff?: boolean
  readonly onPress: () => unknown
  readonly children: ComponentChildren
}

/** A secondary action next to the main one. */
function Side({ icon, isOff = false, onPress, children }: SideProps) {
  return (
    <button
      class="txt"
      type="button"
      aria-disabled={isOff}
      onClick={() => {
        if (!isOff) onPress()
      }}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  )
}

interface LeadProps {
  readonly table: Table
  readonly session: SessionView
}

function LeadersSide({ table, session }: LeadProps) {
  const { moves, line } = table
  const isOff = line.cutAt.value !== null || moves.isSettling.value || isInterrupted(session)
  const phase = phaseOf(session)
  const isAccepted = session.current_round?.accepted_estimate != null
  return (
    <>
      {phase === 'results' && (
        <>
          {(table.outcome.value?.modes.length ?? 0) > 0 && (
            <Side isOff={isOff} onPress={() => table.again()}>
              {say('voteAgain')}
            </Side>
          )}
          {!isAccepted && (
            <Side icon="right" isOff={isOff} onPress={() => table.start()}>
              {say('nextStory')}
            </Side>
          )}
          {table.backlog.next(session.current_round?.story?.id ?? null) === null && (
            <NextTitle table={table} />
          )}
        </>
      )}
      {phase === 'waiting' && table.backlog.stories.value.length > 0 && (
        <Side icon="list" isOff={isOff} onPress={() => openPanel('stories')}>
          {say('otherStory')}
        </Side>
      )}
      {phase === 'voting' && session.settings.round_seconds !== null && (
        <Side icon="plus" isOff={isOff} onPress={moves.giveTime}>
          {say('moreTime')}
        </Side>
      )}
      {phase !== 'results' && session.status !== 'paused' && (
        <Side icon="pause" isOff={isOff} onPress={moves.pause}>
          {say('pause')}
        </Side>
      )}
    </>
  )
}

/** Without a list of stories: an optional title for the next round. */
function NextTitle({ table }: { readonly table: Table }) {
  return (
    <label class="nexttitle">
      <span class="vh">{say('nextTitle')}</span>
      <input
        type="text"
        dir="auto"
        autocomplete="off"
        placeholder={say('nextTitle')}
        maxLength={TITLE_LENGTH_MAX}
        value={table.draft.value}
        onInput={({ currentTarget: { value } }) => {
          table.draft.value = value
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void table.start()
        }}
      />
    </label>
  )
}

/** After the reveal, if the team allows it: change the card. */
function VotersSide({ table, session }: LeadProps) {
  const { settings, status, current_round } = session
  if (status !== 'results' || !settings.vote_after_reveal || current_round?.anonymous === true) return null
  if (table.ownId === null || current_round === null || !(table.ownId in current_round.votes)) return null
  return (
    <Side
      icon="slot"
      onPress={() => {
        table.isRethinking.value = !table.isRethinking.peek()
      }}
    >
      {say(table.isRethinking.value ? 'backToResult' : 'changeCard')}
    </Side>
  )
}
