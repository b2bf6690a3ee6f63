import { useMemo, useRef } from 'preact/hooks'
import { canNudge } from '../../client/client.js'
import { isCovered } from '../device/preferences.js'
import { listed, say } from '../words/say.js'
import { Consensus } from './consensus.js'
import { Headline } from './headline.js'
import { HeroCount, MyCard } from './mine.js'
import { Notices } from './notices.js'
import type { Outcome } from './outcome.js'
import { MANY } from './register.js'
import { ResultTable } from './result-table.js'
import { isLying, Result } from './results.js'
import { CardDown, Ready, type SlotView, Standing, Waiting } from './standing.js'
import type { Table } from './table.js'
import { countOf, isObserver, phaseOf, votersHere } from './view.js'

/** Whether the own card is covered now: by choice, or by default for the leader. */
export function coversCard(table: Table): boolean {
  return isCovered.value ?? table.isLeader.value
}

/** The story and the state of its round, or its result. */
export function Stage({ table }: { readonly table: Table }) {
  const session = table.session.value
  const phase = session === null ? null : phaseOf(session)
  const outcome = table.outcome.value
  const isRevealed = outcome !== null
  const turns = useRef(0)
  // A result is a new section, so that nothing moves; but whoever is writing in the headline goes on there.
  useMemo(() => {
    if (table.edit.peek() === null) turns.current += 1
  }, [table, isRevealed])
  return (
    <section
      key={turns.current}
      class={outcome === null ? 'stage' : classesOf(outcome)}
      aria-label={say(outcome === null ? 'storyAndRound' : 'results')}
      // A result may have to scroll, and then by keys too.
      tabIndex={outcome === null ? undefined : 0}
    >
      <Headline table={table} />
      <Notices table={table} />
      {outcome !== null ? (
        <ResultOf outcome={outcome} table={table} />
      ) : (
        <div class="play">
          {phase === 'waiting' && <BeforeRound table={table} />}
          {phase === 'voting' && <Round table={table} />}
        </div>
      )}
    </section>
  )
}

function BeforeRound({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  return (
    <>
      <div class="mine mine--rest">
        <span class="rest" aria-hidden="true" />
        <p class="cap">
          <span>{say('noCardYet')}</span>
        </p>
      </div>
      <Ready voters={votersHere(session).length} isLeader={table.isLeader.value} />
    </>
  )
}

function Round({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null) return null
  const count = countOf(session)
  const own = table.own.value
  const isVoter = table.isVoter.value
  const isHidden = coversCard(table)
  const hasHero = !isVoter || isHidden
  const isCut = table.line.cutAt.value !== null
  const cover = (covers: boolean) => {
    isCovered.value = covers
  }
  return (
    <>
      {hasHero ? (
        <HeroCount count={count} />
      ) : (
        <MyCard own={own} onTakeBack={() => table.choose(null)} onCover={cover} />
      )}
      <Standing
        count={count}
        slots={slotsOf(table)}
        hasHero={hasHero}
        isStale={isCut}
        down={isVoter && isHidden && own.card !== null && <CardDown onShow={() => cover(false)} />}
        noteKey={`${count.voted} ${count.of} ${own.isPending}`}
        note={
          isCut && own.isPending ? (
            say('sentOnce')
          ) : (
            <Waiting
              count={count}
              mayNudge={(id) => table.seat !== null && canNudge(session, table.seat.userId, id)}
              onNudge={table.moves.nudge}
            />
          )
        }
      />
    </>
  )
}

/** A place for each voter who counts, in joining order. */
function slotsOf(table: Table): SlotView[] {
  const session = table.session.value
  const votes = session?.current_round?.votes ?? {}
  const voters = session?.participants.filter((user) => !isObserver(user)) ?? []
  return voters
    .filter(({ id, is_online }) => is_online || id in votes)
    .map(({ id }) => ({
      id,
      isMine: id === table.ownId,
      isDown: id in votes && !(id === table.ownId && table.own.value.isPending),
    }))
}

function ResultOf({ outcome, table }: { readonly outcome: Outcome; readonly table: Table }) {
  const pick = table.isLeader.value
    ? (card: string) => {
        table.picked.value = card
      }
    : null
  if (isFlooded(outcome)) {
    const people = outcome.steps.flatMap((step) => step.people)
    return (
      <>
        <Consensus outcome={outcome} people={people} />
        <ResultTable steps={outcome.steps} />
      </>
    )
  }
  return <Result outcome={outcome} rest={absentWords(table)} picked={table.estimate.value} onPick={pick} />
}

/** All agree: the stage takes the colour of the own card, until the estimate is accepted. */
export function isFlooded({ consensus, accepted }: Outcome): boolean {
  return consensus !== null && accepted === null
}

/** Who has no card in the result because they are away. */
function absentWords(table: Table): string {
  const session = table.session.value
  const votes = session?.current_round?.votes ?? {}
  const absent = session?.participants.filter(
    (user) => !isObserver(user) && !user.is_online && !(user.id in votes),
  )
  if (absent === undefined || absent.length === 0) return ''
  return say('areAway', { count: absent.length, names: listed(absent.map(({ name }) => name)) })
}

function classesOf(outcome: Outcome): string {
  if (isFlooded(outcome)) return 'stage'
  const classes = ['stage', outcome.votes >= MANY && 'stage--many', !isLying(outcome) && 'stage--upright']
  return classes.filter(Boolean).join(' ')
}
