import type { Beside } from './beside.js'
import { KeysScreen } from './help/keys-screen.js'
import { InviteScreen } from './invite/invite-screen.js'
import { SettingsScreen } from './settings/settings-screen.js'
import { Stories } from './stories/stories-panel.js'
import { EN_BESIDE } from './words/en-beside.js'

/** A separate script, so that nobody has to wait for it to cast a card. */
export const BESIDE: Beside = {
  stories: Stories,
  invite: InviteScreen,
  settings: SettingsScreen,
  keys: KeysScreen,
}

/** The texts that only these panels use. */
export const TEXTS = EN_BESIDE
