import type { UserView } from '../../client/client.js'
import { Figure } from '../parts/figure.js'
import { figureOf } from '../parts/figure-of.js'
import { Icon } from '../parts/icon.js'
import { Name } from '../parts/name.js'
import type { Table } from '../table/table.js'
import { isInterrupted } from '../table/view.js'
import { say } from '../words/say.js'
import { Undoing } from './undoing.js'

/** Who leads, and who sits here: for whoever leads. And the ways out. */
export function PeopleSettings({ table }: { readonly table: Table }) {
  const session = table.session.value
  if (session === null || table.me.value === null) return null
  const { canTransfer, canKickUsers, canPause, canEnd } = table.permissions.value
  const others = session.participants.filter(({ id }) => id !== table.ownId)
  return (
    <section aria-labelledby="people-title">
      <h2 id="people-title">{say('people')}</h2>
      {canTransfer && others.length > 0 && (
        <ol class="ppl">
          {others.map((user) => (
            <Person key={user.id} table={table} user={user} mayRemove={canKickUsers} />
          ))}
        </ol>
      )}
      <Undoing table={table} />
      <p class="addrow">
        {canPause && !isInterrupted(session) && (
          <button class="txt" type="button" onClick={() => table.lead('pause')}>
            <Icon name="pause" />
            {say('pauseTable')}
          </button>
        )}
        <button class="txt" type="button" onClick={() => table.undo.begin({ type: 'leave' })}>
          <Icon name="right" />
          {say('leaveTable')}
        </button>
        {canEnd && (
          <button class="txt" type="button" onClick={() => table.undo.begin({ type: 'end' })}>
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
}

function Person({ table, user, mayRemove }: PersonProps) {
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
          onClick={() => table.handOver(user.id)}
        >
          {say('handOver')}
        </button>
        {mayRemove && (
          <button
            class="txt"
            type="button"
            aria-label={say('removeName', { name: user.name })}
            onClick={() => table.undo.begin({ type: 'remove', id: user.id, name: user.name })}
          >
            {say('remove')}
          </button>
        )}
      </span>
    </li>
  )
}
