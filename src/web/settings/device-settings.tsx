import { chosenLanguage, hasKeys, hasSound, isCovered, LOOKS, look } from '../device/preferences.js'
import type { Table } from '../table/table.js'
import type { WordKey } from '../words/catalogue.js'
import { LANGUAGES } from '../words/languages.js'
import { say } from '../words/say.js'
import { Segment, Switch } from './controls.js'
import { MiniDeck } from './mini-deck.js'

const LOOK_WORDS = { system: 'lookSystem', light: 'lookLight', dark: 'lookDark' } as const satisfies Record<
  string,
  WordKey
>

/** Settings of this device alone, which stay on it. */
export function DeviceSettings({ table }: { readonly table: Table }) {
  const leads = table.isLeader.value
  return (
    <section aria-labelledby="device">
      <h2 id="device">{say('onThisDevice')}</h2>
      <Segment
        name="look"
        label={say('look')}
        values={LOOKS.map((value) => [value, say(LOOK_WORDS[value])] as const)}
        chosen={look.value}
        onChoose={(value) => {
          look.value = value
        }}
      />
      <Segment
        name="language"
        label={say('languageName')}
        values={[
          ['', say('lookSystem')],
          ...Object.entries(LANGUAGES).map(([tag, { name }]) => [tag, name] as const),
        ]}
        chosen={chosenLanguage.value ?? ''}
        onChoose={(tag) => {
          chosenLanguage.value = tag === '' ? null : tag
        }}
      />
      <Switch
        id="keys"
        label={say('keysChoose')}
        note={say('keysChooseNote')}
        isOn={hasKeys.value}
        onTurn={(isOn) => {
          hasKeys.value = isOn
        }}
      />
      <Switch
        id="covered"
        label={say('hideMine')}
        note={say(leads ? 'hideMineLead' : 'hideMineNote')}
        isOn={isCovered.value ?? leads}
        onTurn={(isOn) => {
          isCovered.value = isOn
        }}
      />
      <Switch
        id="sound"
        label={say('sound')}
        note={say('soundNote')}
        isOn={hasSound.value}
        onTurn={(isOn) => {
          hasSound.value = isOn
        }}
      />
      <MiniDeck table={table} />
      {!isSecureContext && <p class="note">{say('insecure')}</p>}
    </section>
  )
}
