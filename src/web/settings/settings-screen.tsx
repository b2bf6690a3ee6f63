import { PanelPage } from '../parts/panel-page.js'
import { Refusal } from '../parts/refusal.js'
import type { Table } from '../table/table.js'
import { phaseOf } from '../table/view.js'
import { say } from '../words/say.js'
import { DeckSettings } from './deck-settings.js'
import { DeviceSettings } from './device-settings.js'
import { PeopleSettings } from './people-settings.js'
import { RuleSettings } from './rule-settings.js'
import { type Wanted, wantedSettingsOf } from './wanted-settings.js'

/** The table's settings, for the leader, and this device's, each with an explanation. */
export function SettingsScreen({ table }: { readonly table: Table }) {
  const session = table.session.value
  const refusal = table.moves.refusal.value
  const wanted = wantedSettingsOf(table)
  const settings = wanted.settings.value
  const change = (changed: Wanted) => void wanted.change(changed)
  const isLocked = session !== null && phaseOf(session) === 'voting'
  return (
    <PanelPage table={table} title={say('settings')} layout="settings">
      {refusal !== null && <Refusal error={refusal} />}
      {settings !== null && table.isLeader.value && (
        <>
          <section aria-labelledby="deck-title">
            <h2 id="deck-title">{say('deck')}</h2>
            <DeckSettings settings={settings} isLocked={isLocked} onChange={change} />
          </section>
          <section aria-labelledby="rules-title">
            <h2 id="rules-title">{say('round')}</h2>
            <RuleSettings settings={settings} isLocked={isLocked} onChange={change} />
          </section>
        </>
      )}
      <DeviceSettings table={table} />
      <PeopleSettings table={table} />
    </PanelPage>
  )
}
