import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { UserView } from '../../client/client.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import { List, Say, say } from '../words/say.js'
import type { Count } from './view.js'

interface StandingProps {
  readonly count: Count
  readonly slots: readonly SlotView[]
  /** The number is shown elsewhere, large. */
  readonly hasHero: boolean
  /** The connection is down: this is the last known state. */
  readonly isStale: boolean
  readonly note: ComponentChildren
  /** A different key means a new sentence, not a longer version of the same one. */
  readonly noteKey: string
  /** The own card, if it is covered. */
  readonly down: ComponentChildren
}

/** A voter's place on the stage: a card face down, or an empty place for one. */
export interface SlotView {
  readonly id: string
  readonly isDown: boolean
  readonly isMine: boolean
}

/** The progress of the round, and who is missing. */
export function Standing({ count, slots, hasHero, isStale, note, noteKey, down }: StandingProps) {
  return (
    <div class="state">
      <p key={`${count.voted} ${count.of}`} class={hasHero ? 'lead vh' : 'lead'}>
        <Say
          text={isStale ? 'hadVoted' : 'haveVoted'}
          count={count.voted}
          voted={<b>{count.voted}</b>}
          of={<b>{count.of}</b>}
        />
      </p>
      <div class="played" aria-hidden="true">
        {slots.map(({ id, isDown, isMine }) => (
          <span key={id} class={`slot${isDown ? ' slot--down' : ''}${isMine ? ' slot--me' : ''}`}>
            {isDown && (
              <svg class="backfig" aria-hidden="true">
                <use href="#back" />
              </svg>
            )}
          </span>
        ))}
      </div>
      {down}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to scroll. */}
      <p key={noteKey} class="sub sub--awaited" tabIndex={0}>
        {note}
      </p>
    </div>
  )
}

interface WaitingProps {
  readonly count: Count
  /** Whether this person may ask somebody for their card. */
  readonly mayNudge: (userId: UserView['id']) => boolean
  readonly onNudge: (userId: string) => unknown
}

/** "Waiting for Cem. Eva is away and not counted." The leader presses a name to ask for the card. */
export function Waiting({ count: { missing, away, voted }, mayNudge, onNudge }: WaitingProps) {
  return (
    <>
      {missing.length > 0 ? (
        <Say
          text="waitingFor"
          count={missing.length}
          names={
            <List
              items={missing.map((user) =>
                mayNudge(user.id) ? <Nudge user={user} onNudge={onNudge} /> : <Name text={user.name} />,
              )}
            />
          }
        />
      ) : (
        voted > 0 && say('allVoted')
      )}{' '}
      {away.length > 0 && (
        <Say text="awayNotCounted" count={away.length} names={<List items={away.map(nameOf)} />} />
      )}
    </>
  )
}

/** The server lets somebody be asked once in this time. */
const NUDGE_MS = 10_000

function Nudge({
  user,
  onNudge,
}: {
  readonly user: UserView
  readonly onNudge: (userId: string) => unknown
}) {
  const isAsked = useSignal(false)
  return (
    <button
      class="person"
      type="button"
      aria-label={say('askFor', { name: user.name })}
      aria-disabled={isAsked.value}
      title={say(isAsked.value ? 'wasAsked' : 'askHint')}
      onClick={() => {
        if (isAsked.value) return
        isAsked.value = true
        setTimeout(() => {
          isAsked.value = false
        }, NUDGE_MS)
        onNudge(user.id)
      }}
    >
      <Name text={user.name} />
    </button>
  )
}

/** Before a round: how many could vote now. */
export function Ready({ voters, isLeader }: { readonly voters: number; readonly isLeader: boolean }) {
  return (
    <div class="state">
      <p class="lead">
        <Say text="ready" count={voters} n={<b>{voters}</b>} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it may have to scroll. */}
      <p class="sub sub--whole" tabIndex={0}>
        {say(isLeader ? 'readyLead' : 'readyWait')}
      </p>
    </div>
  )
}

/** The own card, covered: one line that reveals nothing on a shared screen. */
export function CardDown({ onShow }: { readonly onShow: () => void }) {
  return (
    <p class="down">
      <span>{say('cardDown')}</span>
      <button class="txt" type="button" onClick={onShow}>
        <Icon name="eye" />
        {say('show')}
      </button>
    </p>
  )
}

function nameOf({ name }: UserView) {
  return <Name text={name} />
}
