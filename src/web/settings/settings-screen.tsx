import { PanelPage } from '../parts/panel-page.js'
import { Refusal } from '../parts/refusal.js'
import type { Table } from '../table/table.js'
import { say } from '../words/say.js'
import { DeviceSettings } from './device-settings.js'
import { PeopleSettings } from './people-settings.js'

/** The table's settings and this device's, each with a line that says what it does. */
export function SettingsScreen({ table }: { readonly table: Table }) {
  return (
    <PanelPage table={table} title={say('settings')} layout="settings">
      {table.refusal.value !== null && <Refusal error={table.refusal.value} />}
      <DeviceSettings leads={table.isLeader.value} />
      <PeopleSettings table={table} />
    </PanelPage>
  )
}
