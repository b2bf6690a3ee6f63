import type { UserView } from '../../client/client.js'
import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import type { Table } from '../table/table.js'
import { isInterrupted, isObserver, phaseOf } from '../table/view.js'
import { say } from '../words/say.js'
import { Undoing } from './undoing.js'

/** For the leader: who leads and who is here. For everybody: the ways to leave. */
export function PeopleSettings({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null || table.me.value === null) return null
  const { canTransfer, canKickUsers, canPause, canEnd } = table.permissions.value
  const isLocked = phaseOf(session) === 'voting'
  const others = session.participants.filter(({ id }) => id !== table.ownId)
  return (
    <section aria-labelledby="people-title">
      <h2 id="people-title">{say('people')}</h2>
      <ol class="ppl">
        <Me table={table} me={table.me.value} isLocked={isLocked} />
        {canTransfer &&
          others.map((user) => (
            <Person key={user.id} table={table} user={user} mayRemove={canKickUsers} isLocked={isLocked} />
          ))}
      </ol>
      {isLocked && <p class="note">{say('rolesNotWhileOpen')}</p>}
      <Undoing table={table} />
      <p class="addrow">
        {canPause && !isInterrupted(session) && (
          <button class="txt" type="button" onClick={() => table.moves.pause()}>
            <Icon name="pause" />
            {say('pauseTable')}
          </button>
        )}
        <button class="txt" type="button" onClick={() => table.moves.undo.begin({ type: 'leave' })}>
          <Icon name="right" />
          {say('leaveTable')}
        </button>
        {canEnd && (
          <button class="txt" type="button" onClick={() => table.moves.undo.begin({ type: 'end' })}>
            <Icon name="door" />
            {say('endTable')}
          </button>
        )}
      </p>
    </section>
  )
}

interface PersonProps {
  readonly table: Table
  readonly user: UserView
  readonly mayRemove: boolean
  /** A round is open, so roles cannot change. */
  readonly isLocked: boolean
}

function Person({ table, user, mayRemove, isLocked }: PersonProps) {
  const name = <Name text={user.name} />
  return (
    <li>
      <Figure figure={figureOf(user.avatar, user.name)} />
      <span class="who">{name}</span>
      <span class="acts">
        <button
          class="txt"
          type="button"
          aria-label={say('handOverTo', { name: user.name })}
          onClick={() => table.moves.handOver(user.id)}
        >
          {say('handOver')}
        </button>
        <RoleSwitch table={table} user={user} isLocked={isLocked} name={user.name} />
        {mayRemove && (
          <button
            class="txt"
            type="button"
            aria-label={say('removeName', { name: user.name })}
            onClick={() => table.moves.undo.begin({ type: 'remove', id: user.id, name: user.name })}
          >
            {say('remove')}
          </button>
        )}
      </span>
    </li>
  )
}

interface MeProps {
  readonly table: Table
  readonly me: UserView
  readonly isLocked: boolean
}

function Me({ table, me, isLocked }: MeProps) {
  return (
    <li class="is-me">
      <Figure figure={figureOf(me.avatar, me.name)} isMine />
      <span class="who">
        <Name text={me.name} /> <small>{say('partMe')}</small>
      </span>
      <span class="acts">
        <RoleSwitch table={table} user={me} isLocked={isLocked} name={null} />
      </span>
    </li>
  )
}

interface RoleProps {
  readonly table: Table
  readonly user: UserView
  readonly isLocked: boolean
  /** `null`: one's own role. */
  readonly name: string | null
}

/** Switches between voter and observer. */
function RoleSwitch({ table, user, isLocked, name }: RoleProps) {
  const isWatching = isObserver(user)
  const words = say(isWatching ? 'voteToo' : 'onlyWatch')
  return (
    <button
      class="txt"
      type="button"
      aria-label={name === null ? words : say(isWatching ? 'makeVoter' : 'makeObserver', { name })}
      aria-disabled={isLocked}
      onClick={() => {
        if (!isLocked)
          void table.moves.changeRole(isWatching ? 'voter' : 'observer', name === null ? undefined : user.id)
      }}
    >
      {words}
    </button>
  )
}
