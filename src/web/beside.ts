import type { ComponentType } from 'preact'
import type { Panel } from './address.js'
import { KeysScreen } from './help/keys-screen.js'
import { InviteScreen } from './invite/invite-screen.js'
import { SettingsScreen } from './settings/settings-screen.js'
import { Stories } from './stories/stories-panel.js'
import type { Table } from './table/table.js'

/**
 * What stands beside the table, or in its stead for a moment: a script of its own, which nobody waits for
 * to lay a card.
 */
export const BESIDE: Readonly<Record<Panel, ComponentType<{ readonly table: Table }>>> = {
  stories: Stories,
  invite: InviteScreen,
  settings: SettingsScreen,
  keys: KeysScreen,
}
