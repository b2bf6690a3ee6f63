import type { SettingsWish } from '../../client/client.js'
import { PanelPage } from '../parts/panel-page.js'
import { Refusal } from '../parts/refusal.js'
import type { Table } from '../table/table.js'
import { phaseOf } from '../table/view.js'
import { say } from '../words/say.js'
import { DeckSettings } from './deck-settings.js'
import { DeviceSettings } from './device-settings.js'
import { PeopleSettings } from './people-settings.js'
import { RuleSettings } from './rule-settings.js'

/** The table's settings, for the leader, and this device's, each with an explanation. */
export function SettingsScreen({ table }: { readonly table: Table }) {
  const session = table.session.value
  // Read here, so that after a failed change the controls are drawn again as the server has them.
  const refusal = table.moves.refusal.value
  const change = (wish: SettingsWish) => void table.moves.changeSettings(wish)
  const isLocked = session !== null && phaseOf(session) === 'voting'
  return (
    <PanelPage table={table} title={say('settings')} layout="settings">
      {refusal !== null && <Refusal error={refusal} />}
      {session !== null && table.isLeader.value && (
        <>
          <section aria-labelledby="deck-title">
            <h2 id="deck-title">{say('deck')}</h2>
            <DeckSettings settings={session.settings} isLocked={isLocked} onChange={change} />
          </section>
          <section aria-labelledby="rules-title">
            <h2 id="rules-title">{say('round')}</h2>
            <RuleSettings settings={session.settings} isLocked={isLocked} onChange={change} />
          </section>
        </>
      )}
      <DeviceSettings table={table} />
      <PeopleSettings table={table} />
    </PanelPage>
  )
}
